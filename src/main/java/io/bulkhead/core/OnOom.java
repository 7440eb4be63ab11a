package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.util.LinkedHashMap;
import java.util.Map;

/** The hook that runs after the kernel has killed at a limit. */
final class OnOom {

    private OnOom() {}

    /** Nothing where the app has none. */
    static void run(Run run, int pid, ExitReport report, Turn turn) {
        Map<String, String> facts = new LinkedHashMap<>();
        HookOrder.addExit(report, facts);
        run(run, pid, facts, turn);
    }

    /** After the kill of process {@code pid} of its tree, 0 where it is not known. */
    static void run(Run run, int pid, Map<String, String> more, Turn turn) {
        Map<String, String> facts = new LinkedHashMap<>(more);
        facts.put("BULKHEAD_CAUSE", "oom");
        if (pid > 0) {
            facts.put("BULKHEAD_OLD_PID", Integer.toString(pid));
        }
        HookOrder.tell(Hook.ON_OOM, run, facts, turn);
    }
}
