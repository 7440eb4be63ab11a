package io.bulkhead.host;

import io.bulkhead.core.Exit;
import io.bulkhead.core.KernelKills;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.ExitStatus;
import java.util.List;
import java.util.Optional;

/** What is known of how a run ended: its status beside what its compartment's counters gained. */
final class ExitFacts {

    private ExitFacts() {}

    /**
     * @param kills since the last that were told
     * @param killsKnown see {@link Exit}
     */
    static Exit of(
            LiveRun run,
            ExitStatus status,
            Cgroup.Marks marks,
            KernelKills kills,
            boolean killsKnown,
            List<String> tail) {
        return new Exit(
                status.code(),
                status.signal(),
                kills,
                run.overSampledLimit,
                marks.peak(),
                run.app.limits().memory().orElse(0L),
                run.leftBehind,
                tail,
                killsKnown,
                caveat(run, tail));
    }

    /** Why its end is not, or not exactly, known; of an ssh, what it said. */
    private static Optional<String> caveat(LiveRun run, List<String> tail) {
        if (run.status.isEmpty()) {
            return Optional.of("its keeper was killed, and with it the exit status was lost");
        }
        if (run.app.tunnel().isPresent() && !run.asked) {
            return SshWords.of(tail);
        }
        return run.status.get().exact()
                ? Optional.empty()
                : Optional.of("as its keeper, a shell, tells it: 128 and more may be a signal");
    }
}
