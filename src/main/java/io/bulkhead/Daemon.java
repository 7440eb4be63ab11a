package io.bulkhead;

import io.bulkhead.api.Doc;
import io.bulkhead.cli.Caller;
import io.bulkhead.cli.DaemonOptions;
import io.bulkhead.cli.Resident;
import io.bulkhead.host.MemoryLedger;
import io.bulkhead.host.Upfront;
import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.Users;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.PortGuard;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.ProblemText;
import io.bulkhead.spec.ServerSpec;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The program that stays: {@code daemon}, and {@code up} with its live view. */
public final class Daemon {

    private static final int FAILED = 1;
    private static final int BAD_CONFIGURATION = 2;
    private static final int HOST_SAYS_NO = 5;

    private final DaemonOptions options;
    private final Caller caller;
    private final PrintStream err;

    private Daemon(DaemonOptions options, Caller caller) {
        this.options = options;
        this.caller = caller;
        this.err = new PrintStream(caller.err(), true, StandardCharsets.UTF_8);
    }

    /** Ends the process with the exit code of SPEC section 3. */
    public static void main(String[] args) {
        Caller caller = Bulkhead.caller();
        int exit = switch (Resident.parse(args, caller)) {
            case Resident.End(int exitCode) -> exitCode;
            case Resident.Run(DaemonOptions options) -> new Daemon(options, caller).runOrExplain();
        };
        // What is left are threads of the JVM's own; the apps' fate is settled.
        System.exit(exit);
    }

    private int runOrExplain() {
        try {
            return run();
        } catch (IOException failed) {
            err.println("bulkhead: " + failed.getMessage());
            return FAILED;
        }
    }

    private int run() throws IOException {
        Home home = options.home();
        if (options.live() || options.detach()) {
            err.println("bulkhead: " + options.file());
        }
        Optional<Predecessor> predecessor = options.replace() ? Predecessor.of(home) : Optional.empty();
        Path file = options.named()
                ? options.file()
                : predecessor.flatMap(Predecessor::file).orElse(options.file());
        SpecReader.Reading reading = read(file);
        for (Problem problem : reading.problems()) {
            err.println(ProblemText.of(problem).plain());
        }
        if (reading.spec().isEmpty() && predecessor.isPresent()) {
            err.println(goesOn(predecessor.get()));
            return BAD_CONFIGURATION;
        }
        // Apps must not be without a daemon because somebody was editing the file when the last one died.
        boolean asBefore = predecessor.isPresent()
                || (reading.spec().isEmpty() && !options.live() && !options.detach() && Remembered.any(home));
        if (reading.spec().isEmpty() && !asBefore) {
            return BAD_CONFIGURATION;
        }
        Spec written = reading.spec().orElseGet(Daemon::nothing);
        if (reading.spec().isEmpty()) {
            err.println(
                    "bulkhead: " + file + " cannot be used: the apps that were there before run as they did,"
                            + " with the daemon's own settings at their defaults and pools without a limit until the file is mended: bulkhead apply");
        }
        Spec spec = asBefore ? Remembered.in(home, written) : written;
        List<Finding> refusals =
                options.force() || predecessor.isPresent() ? List.of() : MemoryLedger.refusals(home, spec);
        if (!refusals.isEmpty()) {
            for (Finding refusal : refusals) {
                err.println("bulkhead: " + refusal.sentence());
                refusal.evidence().forEach(line -> err.println("    " + line));
                err.println("  " + refusal.fix());
            }
            return HOST_SAYS_NO;
        }
        int against = options.live() || options.detach() ? lookFirst(spec) : 0;
        if (against != 0) {
            return against;
        }
        if (options.detach()) {
            return new Detached(options, spec, caller, err).start();
        }
        HomeFolders.make(home);
        Optional<FileLock> lock = predecessor.isPresent()
                ? Optional.of(predecessor.get().takeOver())
                : options.replace()
                        ? Predecessor.await(home)
                        : FileLock.tryTake(home.run().resolve("lock"));
        if (lock.isEmpty()) {
            err.println(alreadyRuns(home));
            return FAILED;
        }
        // A predecessor that asked for the file of its own has said so: what runs is what was remembered by its end.
        Spec first = predecessor.isPresent() ? Remembered.in(home, written) : spec;
        try {
            new Reign(options, caller, host(), err).hold(file, first, lock.get(), predecessor.isPresent());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** What checks say against starting it; 0 where nothing does, or the person says otherwise. */
    private int lookFirst(Spec spec) {
        if (options.force()) {
            return 0;
        }
        try {
            int errors = 0;
            for (Doc finding : Upfront.look(options.home(), spec, caller.environment(), options.skipped())) {
                boolean error = finding.text("severity").equals("error");
                errors += error ? 1 : 0;
                err.println("bulkhead: " + (error ? "" : "warning: ") + finding.text("app") + ": "
                        + finding.text("message"));
                finding.text("evidence").lines().forEach(line -> err.println("    " + line));
                finding.text("fix").lines().forEach(line -> err.println("  " + line));
                if (error) {
                    err.println("  to do it all the same: --skip " + finding.text("check"));
                }
            }
            return errors == 0 ? 0 : HOST_SAYS_NO;
        } catch (IllegalArgumentException unknown) {
            err.println("bulkhead: " + unknown.getMessage());
            return BAD_CONFIGURATION;
        } catch (IOException blind) {
            err.println("bulkhead: warning: the checks could not be run: " + blind.getMessage());
            return 0;
        }
    }

    private static String goesOn(Predecessor predecessor) {
        return "bulkhead: the running daemon (pid " + predecessor.pid()
                + ") goes on; mend the file, or name another: --config FILE";
    }

    static String alreadyRuns(Home home) {
        return "bulkhead: a daemon already runs on " + home.folder() + "\n"
                + "  to run this file there: bulkhead apply -f FILE; to take its place: bulkhead daemon --replace; to end it: bulkhead shutdown;"
                + " or choose another home: --home DIR";
    }

    private SpecReader.Reading read(Path file) {
        Home home = options.home();
        boolean homes = file.equals(home.config());
        if (homes && !options.live() && !options.detach() && !Files.exists(file) && !Remembered.any(home)) {
            // A daemon with nothing to do yet: apps come with the first apply.
            return new SpecReader.Reading(Optional.of(nothing()), List.of());
        }
        return SpecReader.read(file, homes ? home.configFolder() : Optional.empty(), host());
    }

    private static Spec nothing() {
        return new Spec(
                ServerSpec.standard(HostMemory.read().total()),
                Map.of(),
                Map.of(),
                Map.of(),
                PortGuard.STANDARD,
                List.of());
    }

    private Host host() {
        Map<String, String> environment = caller.environment();
        return new Host(
                environment,
                HostMemory.read().total(),
                Runtime.getRuntime().availableProcessors(),
                Users.effectiveUser() == 0,
                ZoneId.systemDefault());
    }
}
