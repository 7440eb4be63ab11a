package io.bulkhead.core;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What follows when the kernel kills a process of a tree whose program lives: with {@code oom_kill: group} the rest is ended, since programs that lose
 * a process seldom notice; with {@code process} it goes on, as pools do that replace what they lose.
 */
record ChildKills(Turn turn) {

    void killed(Event.ChildKilled event, Fleet fleet) {
        Run run = fleet.runs.get(event.run());
        if (run == null || !run.exists() || run.broken.isPresent()) {
            return;
        }
        boolean endsRest = run.spec.limits().oomKillsAll() && run.ending == null;
        String consequence = run.ending != null
                ? "it is being stopped anyway"
                : endsRest ? "the rest of its tree is ended (oom_kill: group)" : "it goes on (oom_kill: process)";
        Map<String, Object> fields = new LinkedHashMap<>();
        if (event.pid() > 0) {
            fields.put("pid", event.pid());
        }
        if (!event.name().isEmpty()) {
            fields.put("process", event.name());
        }
        fields.put("detail", words(run, event));
        fields.put("consequence", consequence);
        turn.tell(Tale.CHILD_KILLED, run.instance, run.id, fields);
        if (endsRest) {
            run.broken = Optional.of(event);
            turn.add(new Effect.KillRun(run.id)); // on_oom runs when it has ended
        } else if (event.kills().cause() == ExitCause.OOM_LIMIT) {
            OnOom.run(run, event.pid(), Map.of("BULKHEAD_EXIT_SIGNAL", "SIGKILL"), turn);
        }
    }

    /** Such as "the kernel killed a process of its tree (php-fpm8.2, pid 812) at its limit of 128 MiB". */
    static String words(Run run, Event.ChildKilled event) {
        int count = event.kills().count();
        String who = event.name().isEmpty()
                ? ""
                : " (" + (count > 1 ? "the last: " : "") + event.name()
                        + (event.pid() == 0 ? "" : ", pid " + event.pid()) + ")";
        return "the kernel killed " + (count == 1 ? "a process" : count + " processes") + " of its tree" + who
                + event.kills().words(run.spec.limits().memory().orElse(0L));
    }
}
