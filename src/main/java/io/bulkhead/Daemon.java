package io.bulkhead;

import io.bulkhead.cli.Caller;
import io.bulkhead.cli.DaemonOptions;
import io.bulkhead.cli.LiveView;
import io.bulkhead.cli.Resident;
import io.bulkhead.core.Finding;
import io.bulkhead.host.MemoryLedger;
import io.bulkhead.host.Server;
import io.bulkhead.linux.FileLock;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.ServiceUnit;
import io.bulkhead.linux.TerminalSize;
import io.bulkhead.linux.Users;
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
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import sun.misc.Signal;

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
        SpecReader.Reading reading = read();
        for (Problem problem : reading.problems()) {
            err.println(ProblemText.of(problem).plain());
        }
        if (reading.spec().isEmpty()) {
            return BAD_CONFIGURATION;
        }
        Spec spec = reading.spec().get();
        List<Finding> refusals = options.force() ? List.of() : MemoryLedger.refusals(home, spec);
        if (!refusals.isEmpty()) {
            for (Finding refusal : refusals) {
                err.println("bulkhead: " + refusal.sentence());
                refusal.evidence().forEach(line -> err.println("    " + line));
                err.println("  " + refusal.fix());
            }
            return HOST_SAYS_NO;
        }
        makeFolders(home);
        if (options.detach()) {
            return new Detached(options, spec, caller, err).start();
        }
        Optional<FileLock> lock = FileLock.tryTake(home.run().resolve("lock"));
        if (lock.isEmpty()) {
            err.println(alreadyRuns(home));
            return FAILED;
        }
        return serve(spec, lock.get());
    }

    static String alreadyRuns(Home home) {
        return "bulkhead: a daemon already runs on " + home.folder() + "\n"
                + "  to run this file there: bulkhead apply -f FILE; to end it: bulkhead shutdown; or choose another home: --home DIR";
    }

    private int serve(Spec spec, FileLock lock) throws IOException {
        boolean chatty = !options.live();
        try (Server server = new Server(
                options.home(), lock, options.file(), spec, host(), caller.environment(), chatty, options.force())) {
            if (options.live()) {
                server.found().forEach(sentence -> err.println("bulkhead: " + sentence));
            }
            server.start();
            Optional<LiveView> view = options.live()
                    ? Optional.of(LiveView.start(options, caller, () -> TerminalSize.columns(1)))
                    : Optional.empty();
            onSignals(server, view);
            server.await();
            view.ifPresent(LiveView::close);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return 0;
    }

    /** INT and TERM stop everything in order, a second one at once; while systemd restarts our unit the apps go on; HUP ends {@code up}, whose terminal is gone. */
    private void onSignals(Server server, Optional<LiveView> view) {
        Optional<ServiceUnit> unit = ServiceUnit.ours(caller.environment());
        for (String name : List.of("INT", "TERM")) {
            Signal.handle(new Signal(name), signal -> {
                if (unit.isPresent() && unit.get().restarting()) {
                    server.handOver("systemd restarts " + unit.get().name());
                    return;
                }
                view.ifPresent(live -> live.say("stopping everything; press Ctrl-C again to kill what is left"));
                server.shutdown();
            });
        }
        Signal.handle(new Signal("HUP"), signal -> {
            if (options.live()) {
                server.shutdown();
            } else {
                server.applyFile();
            }
        });
    }

    private SpecReader.Reading read() {
        Home home = options.home();
        boolean homes = options.file().equals(home.config());
        if (homes && !options.live() && !options.detach() && !Files.exists(options.file())) {
            // A daemon with nothing to do yet: apps come with the first apply.
            return new SpecReader.Reading(
                    Optional.of(new Spec(
                            ServerSpec.standard(HostMemory.read().total()),
                            Map.of(),
                            Map.of(),
                            Map.of(),
                            PortGuard.STANDARD,
                            List.of())),
                    List.of());
        }
        return SpecReader.read(options.file(), homes ? home.configFolder() : Optional.empty(), host());
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

    /** State is the owner's alone; logs may be read by a group; the control socket guards itself. */
    private static void makeFolders(Home home) throws IOException {
        make(home.state(), "rwx------");
        make(home.log(), "rwxr-x---");
        make(home.run(), "rwxr-xr-x");
    }

    private static void make(Path folder, String mode) throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
        }
    }
}
