package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.core.Event;
import io.bulkhead.core.Outcome;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ServiceUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** How the daemon ends: with its apps, without them, or in favour of another daemon. On the loop. */
final class Leaving implements Departure {

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final ServiceReports reports;
    private final Optional<ServiceUnit> unit;
    private final Chronicle chronicle;
    private final DaemonLog log;
    private final Runnable handOver;
    private volatile Optional<Pidfd> heir = Optional.empty();
    private boolean leaving;
    private boolean stopping;

    /** @param handOver lets the next daemon have the control socket */
    Leaving(
            Loop loop,
            Supervision supervision,
            Runs runs,
            ServiceReports reports,
            Optional<ServiceUnit> unit,
            Chronicle chronicle,
            DaemonLog log,
            Runnable handOver) {
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.reports = reports;
        this.unit = unit;
        this.chronicle = chronicle;
        this.log = log;
        this.handOver = handOver;
    }

    /** Stops everything in order; asked a second time, kills what is left. */
    void stop() {
        if (stopping) {
            runs.killAll();
        } else {
            stopAll(false);
        }
    }

    @Override
    public CompletableFuture<Outcome> stopAll(boolean wait) {
        stopping = true;
        reports.stopping();
        return supervision.wish(new Event.ShutdownWish(), wait);
    }

    /** Ends now; every app goes on. */
    void atOnce() {
        reports.stopping();
        loop.end();
    }

    @Override
    public void leave(int successor) throws ApiException {
        if (leaving || stopping) {
            throw new ApiException(1, "ending", "the daemon is ending already", "bulkhead status");
        }
        if (successor != 0) {
            name(successor);
        }
        leaving = true;
        reports.stopping();
        supervision.giveUpWaiting(
                "the daemon ended before this was done; what was begun goes on",
                successor == 0 ? "bulkhead daemon" : "bulkhead status");
        // The answer to whoever asked goes out first.
        loop.after(50, loop::end);
    }

    private void name(int successor) throws ApiException {
        if (unit.isPresent()) {
            String service = unit.get().name();
            throw new ApiException(
                    5,
                    "service",
                    "systemd runs this daemon, as " + service,
                    (unit.get().user() ? "systemctl --user restart " : "sudo systemctl restart ") + service
                            + " replaces it without touching an app");
        }
        try {
            heir = Optional.of(Pidfd.open(successor));
        } catch (ErrnoException gone) {
            throw new ApiException(1, "no-heir", "there is no process " + successor + " to take over", "");
        }
        handOver.run();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("by", successor);
        chronicle.tellDaemon("daemon.replaced", fields);
        log.info("process " + successor + " takes over: the apps go on");
    }

    /** The daemon that is to take over. From any thread. */
    Optional<Pidfd> heir() {
        return heir;
    }
}
