package io.bulkhead.host;

import io.bulkhead.linux.CgroupHost;
import java.io.IOException;
import java.util.List;

/**
 * Keeps memory limits where the kernel keeps none: looks at every limited tree once a second, ten times while one is above half
 * of its limit, and ends the one that is above it. A tree may grow far beyond it in between, which is why {@code status} calls such a
 * limit sampled.
 */
final class SampledGuard {

    private static final long CALM_MILLIS = 1_000;
    private static final long TENSE_MILLIS = 100;

    private final Loop loop;
    private final Runs runs;
    private final DaemonLog log;

    private SampledGuard(Loop loop, Runs runs, DaemonLog log) {
        this.loop = loop;
        this.runs = runs;
        this.log = log;
    }

    /** Begins to look, unless the kernel does. */
    static void start(CgroupHost cgroups, Loop loop, Runs runs, DaemonLog log) {
        if (cgroups.kind() == CgroupHost.Kind.NONE) {
            new SampledGuard(loop, runs, log).lookAgain(CALM_MILLIS);
        }
    }

    private void lookAgain(long millis) {
        loop.after(millis, () -> {
            boolean tense = false;
            for (LiveRun run : List.copyOf(runs.all())) {
                if (run.phase == LiveRun.Phase.ALIVE && !run.killed) {
                    double share = share(run);
                    tense |= share > 0.5;
                    if (share > 1) {
                        runs.killForSampledLimit(run);
                    }
                }
            }
            lookAgain(tense ? TENSE_MILLIS : CALM_MILLIS);
        });
    }

    /** How much of its limit it uses; 0 without one. */
    private double share(LiveRun run) {
        if (run.app.limits().memory().isEmpty() || run.compartment.isEmpty()) {
            return 0;
        }
        try {
            double used = run.compartment.get().cgroup.usage().current();
            return used / run.app.limits().memory().get();
        } catch (IOException gone) {
            log.info(run.instance + ": its memory cannot be sampled: " + gone.getMessage());
            return 0;
        }
    }
}
