package io.bulkhead.host;

import io.bulkhead.core.Exit;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.ExitStatus;
import java.util.List;
import java.util.Optional;

/** What is known of how a run ended: its status beside what its compartment's counters gained. */
final class ExitReport {

    /** The kernel charges pages in batches: a tree at its limit may stand some pages below it. */
    private static final long PEAK_SLACK = 256 << 10;

    private ExitReport() {}

    /** Also moves the compartment's marks on to its next run. */
    static Exit of(LiveRun run, Compartment compartment, ExitStatus status, List<String> tail) {
        Cgroup.Marks marks = compartment.cgroup.marks();
        long kills = Math.max(0, marks.oomKills() - compartment.killsBefore);
        boolean byLimit = hitItsLimit(run, compartment, marks);
        compartment.killsBefore = marks.oomKills();
        compartment.limitHitsBefore = marks.limitHits();
        return new Exit(
                status.code(),
                status.signal(),
                byLimit ? (int) kills : 0,
                run.overSampledLimit,
                kills > 0 && !byLimit,
                marks.peak(),
                run.app.limits().memory().orElse(0L),
                run.leftBehind,
                tail,
                true,
                caveat(run));
    }

    /**
     * The kernel counts every process it kills for want of memory, whether the compartment's limit or the whole host was the reason. That
     * the limit was reached is the difference: by its own counter, or, since kernel 6.18 was seen to leave that at 0 on v1, by the peak.
     */
    private static boolean hitItsLimit(LiveRun run, Compartment compartment, Cgroup.Marks marks) {
        long limit = run.app.limits().memory().orElse(Long.MAX_VALUE);
        return limit < Long.MAX_VALUE
                && (marks.limitHits() > compartment.limitHitsBefore || marks.peak() >= limit - PEAK_SLACK);
    }

    /** Why its end is not, or not exactly, known. */
    private static Optional<String> caveat(LiveRun run) {
        if (run.status.isEmpty()) {
            return Optional.of("its keeper was killed, and with it the exit status was lost");
        }
        return run.status.get().exact()
                ? Optional.empty()
                : Optional.of("as its keeper, a shell, tells it: 128 and more may be a signal");
    }
}
