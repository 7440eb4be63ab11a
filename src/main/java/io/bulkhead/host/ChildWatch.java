package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.core.KernelKills;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.OomKill;
import io.bulkhead.linux.Proc;
import java.util.List;
import java.util.function.Consumer;

/**
 * Notices that the kernel killed a process of a run whose program lives; the end of the program itself is not its business. Told by the kernel: on v1
 * only of kills at a limit, not where the whole host is short.
 */
final class ChildWatch {

    /** The notice comes before the kill, and a program that was the victim needs a moment to end. */
    private static final long PAUSE_MILLIS = 60;

    private static final int LOOKS = 5;

    private final Loop loop;
    private final MemoryNotices notices;
    private final KernelWitness witness;
    private final Consumer<Event> outcome;

    ChildWatch(Loop loop, MemoryNotices notices, KernelWitness witness, Consumer<Event> outcome) {
        this.loop = loop;
        this.notices = notices;
        this.witness = witness;
        this.outcome = outcome;
    }

    /** From now on until the compartment is dissolved. On the worker. */
    void watch(Compartment compartment) {
        compartment.killNotice = notices.onKill(compartment.cgroup, () -> noticed(compartment));
    }

    private void noticed(Compartment compartment) {
        if (compartment.run.isPresent() && !compartment.killNoticed) {
            compartment.killNoticed = true;
            lookLater(compartment, compartment.run.get(), LOOKS);
        }
    }

    private void lookLater(Compartment compartment, LiveRun run, int looks) {
        loop.after(PAUSE_MILLIS, () -> {
            if (!concerns(compartment, run) || looks == 0 || Proc.HOST.dying(run.pid)) {
                compartment.killNoticed = false;
                return;
            }
            Cgroup.Marks marks = compartment.cgroup.marks();
            KernelKills counted = witness.counted(run, compartment, marks);
            if (!counted.any()) {
                lookLater(compartment, run, looks - 1);
                return;
            }
            compartment.killNoticed = false;
            witness.records(
                    compartment,
                    0,
                    records -> loop.post(() -> {
                        if (concerns(compartment, run)) {
                            compartment.killsBefore = marks.oomKills();
                            compartment.limitHitsBefore = marks.limitHits();
                            killed(run, witness.exactly(counted, records, compartment), records);
                        }
                    }));
        });
    }

    private static boolean concerns(Compartment compartment, LiveRun run) {
        return run.phase == LiveRun.Phase.ALIVE
                && !run.killed
                && compartment.run.filter(each -> each == run).isPresent();
    }

    private void killed(LiveRun run, KernelKills kills, List<OomKill> records) {
        run.records.addAll(records);
        int pid = records.isEmpty() ? 0 : witness.ownPid(records.getLast());
        String name = records.isEmpty() ? "" : records.getLast().task();
        outcome.accept(new Event.ChildKilled(run.id, kills, pid, name));
    }
}
