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

    private final Map<Integer, String> apps = new HashMap<>();
    private final Map<Integer, String> programs = new HashMap<>();
    private final Map<Integer, Optional<String>> found = new HashMap<>();
    private final Map<String, String> marks = new HashMap<>();

    private Belonging() {}

    /** Where nothing runs. */
    static Belonging none() {
        return new Belonging();
    }

    /** On the loop. */
    static Belonging of(Runs runs) {
        Belonging belonging = new Belonging();
        for (LiveRun run : runs.all()) {
            belonging.marks.put(run.id, run.instance.app());
            if (run.phase == LiveRun.Phase.ALIVE) {
                belonging.apps.put(run.pid, run.instance.app());
                belonging.programs.put(run.pid, run.instance.app());
            }
            run.compartment.ifPresent(home -> belonging.apps.put(home.keeper.pid(), run.instance.app()));
        }
        return belonging;
    }

    /** The programs of all living runs, by process number. */
    Map<Integer, String> programs() {
        return Map.copyOf(programs);
    }

    Optional<String> app(int pid) {
        return found.computeIfAbsent(pid, this::search);
    }

    private Optional<String> search(int pid) {
        int at = pid;
        for (int i = 0; at > 1 && i < MOST_ANCESTORS; i++) {
            String app = apps.get(at);
            if (app != null) {
                return Optional.of(app);
            }
            at = Proc.HOST.stat(at).map(ProcessStat::parent).orElse(0);
        }
        return Proc.HOST.environment(pid, "BULKHEAD_RUN").map(marks::get);
    }
}
