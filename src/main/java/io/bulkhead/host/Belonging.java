package io.bulkhead.host;

import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Which app a process belongs to, as far as its ancestors and the run's mark in its environment tell. A copy for one thread, which keeps its answers: for one
 * look around.
 */
final class Belonging {

    private static final int MOST_ANCESTORS = 64;

    /**
     * A run, as far as others need to know it.
     *
     * @param former whether it has been asked to end: another has taken its place, or soon will
     */
    record Owner(String app, int instance, String run, int pid, boolean former) {}

    private final Map<Integer, Owner> apps = new HashMap<>();
    private final Map<Integer, String> programs = new HashMap<>();
    private final Map<Integer, Optional<Owner>> found = new HashMap<>();
    private final Map<String, Owner> marks = new HashMap<>();

    private Belonging() {}

    /** Where nothing runs. */
    static Belonging none() {
        return new Belonging();
    }

    /** On the loop. */
    static Belonging of(Runs runs) {
        Belonging belonging = new Belonging();
        for (LiveRun run : runs.all()) {
            Owner owner = new Owner(run.instance.app(), run.instance.index(), run.id, run.pid, run.asked);
            belonging.marks.put(run.id, owner);
            if (run.phase == LiveRun.Phase.ALIVE) {
                belonging.apps.put(run.pid, owner);
                belonging.programs.put(run.pid, run.instance.app());
            }
            run.compartment.ifPresent(home -> belonging.apps.put(home.keeper.pid(), owner));
        }
        return belonging;
    }

    /** The programs of all living runs, by process number. */
    Map<Integer, String> programs() {
        return Map.copyOf(programs);
    }

    Optional<String> app(int pid) {
        return owner(pid).map(Owner::app);
    }

    /** The run that a process belongs to. */
    Optional<Owner> owner(int pid) {
        return found.computeIfAbsent(pid, this::search);
    }

    private Optional<Owner> search(int pid) {
        int at = pid;
        for (int i = 0; at > 1 && i < MOST_ANCESTORS; i++) {
            Owner owner = apps.get(at);
            if (owner != null) {
                return Optional.of(owner);
            }
            at = Proc.HOST.stat(at).map(ProcessStat::parent).orElse(0);
        }
        return Proc.HOST.environment(pid, "BULKHEAD_RUN").map(marks::get);
    }
}
