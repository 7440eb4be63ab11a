package io.bulkhead;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.cli.Caller;
import io.bulkhead.cli.DaemonOptions;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** {@code up -d}: leaves a daemon in a session of its own, and returns when its apps are ready or have failed. */
final class Detached {

    private static final int FAILED = 1;
    private static final int NO_DAEMON = 3;

    private final DaemonOptions options;
    private final Spec spec;
    private final Caller caller;
    private final PrintStream err;
    private final Client client;

    /** @param spec what the daemon will read */
    Detached(DaemonOptions options, Spec spec, Caller caller, PrintStream err) {
        this.options = options;
        this.spec = spec;
        this.caller = caller;
        this.err = err;
        this.client = new Client(options.home().socket());
    }

    int start() throws IOException {
        if (client.reachable()) {
            err.println(Daemon.alreadyRuns(options.home()));
            return FAILED;
        }
        try (LeftDaemon daemon =
                LeftDaemon.start(caller, options.home(), options.file(), options.force(), options.skipped())) {
            return await(daemon);
        }
    }

    private int await(LeftDaemon daemon) throws IOException {
        while (true) {
            if (daemon.ended()) {
                err.print(daemon.said());
                err.println("bulkhead: the daemon ended; its log: "
                        + options.home().log().resolve("bulkhead.log"));
                return NO_DAEMON;
            }
            Doc boot = boot();
            if (boot.has("state") && !boot.text("state").equals("pending")) {
                return report(boot);
            }
            LeftDaemon.pause();
        }
    }

    private Doc boot() throws ErrnoException {
        try (Reply reply = client.get("/v1/status")) {
            return Doc.of(reply.json()).doc("daemon").doc("boot");
        } catch (IOException notYet) {
            return Doc.EMPTY;
        }
    }

    private int report(Doc boot) {
        if (boot.members().get("found") instanceof List<?> found) {
            found.forEach(sentence -> err.println("bulkhead: " + sentence));
        }
        err.println("bulkhead: " + boot.text("message"));
        Set<String> remedies = new LinkedHashSet<>(List.of(boot.text("hint")));
        if (boot.number("exit_code", 0) != 0) {
            remedies.addAll(remedies());
        }
        remedies.remove("");
        remedies.forEach(remedy -> err.println("  " + remedy));
        return (int) boot.number("exit_code", 0);
    }

    /** The daemon tells one hint, which may be of an app that only waits for the one whose start fails. */
    private List<String> remedies() {
        List<String> remedies = new ArrayList<>();
        for (AppSpec app : spec.apps().values()) {
            for (var finding : caller.preflight().examine(spec, app, caller.environment())) {
                if ("error".equals(finding.get("severity")) && finding.get("fix") instanceof String fix) {
                    remedies.add(fix);
                }
            }
        }
        return remedies;
    }
}
