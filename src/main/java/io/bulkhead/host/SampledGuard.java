package io.bulkhead.host;

import io.bulkhead.linux.CgroupHost;
import java.io.IOException;
import java.util.List;

/**
 * Keeps memory limits where the kernel keeps none: looks at every limited tree once a second and ends the one that is above its limit. A
 * tree may grow far beyond it within that second, which is why `status` calls such a limit sampled.
 */
final class SampledGuard {

    private static final long PERIOD_MILLIS = 1_000;

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
            new SampledGuard(loop, runs, log).lookAgain();
        }
    }

    private void lookAgain() {
        loop.after(PERIOD_MILLIS, () -> {
            for (LiveRun run : List.copyOf(runs.all())) {
                if (run.phase == LiveRun.Phase.ALIVE && !run.killed && isOver(run)) {
                    runs.killForSampledLimit(run);
                }
            }
            lookAgain();
        });
    }

    private boolean isOver(LiveRun run) {
        if (run.app.limits().memory().isEmpty() || run.compartment.isEmpty()) {
            return false;
        }
        try {
            return run.compartment.get().cgroup.usage().current()
                    > run.app.limits().memory().get();
        } catch (IOException gone) {
            log.info(run.instance + ": its memory cannot be sampled: " + gone.getMessage());
            return false;
        }
    }
}
