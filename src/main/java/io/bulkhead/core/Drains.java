package io.bulkhead.core;

import io.bulkhead.core.Run.Drain;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes in what the host reports about marks of memory, and decides who is replaced for it: {@link DrainPolicy} says how often. */
final class Drains {

    private final Fleet fleet;
    private final Turn turn;

    Drains(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
    }

    void above(Event.MemoryAboveMark event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.ending != null || !run.exists() || run.above(event.level())) {
            return;
        }
        if (run.mark.isPresent()) {
            // Who was not replaced at the mark for some reason gets a chance at the last moment.
            run.drainsFrom = Facts.drainsFrom(run);
        }
        run.mark = Optional.of(MarkReached.of(event, run));
        run.alone = !event.roomForTwo();
        run.judged = false;
        turn.moved = true;
    }

    void below(Event.MemoryBelowMark event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.ending != null || run.mark.isEmpty()) {
            return;
        }
        boolean pending = run.drain != Drain.NONE;
        run.mark = Optional.empty();
        run.crossed = false;
        abandon(run);
        if (pending) {
            turn.tell(
                    Tale.MEMORY_BELOW,
                    run.instance,
                    run.id,
                    Map.of("bytes", event.bytes(), "consequence", "left alone: it came down before it was stopped"));
        }
    }

    /** Where it stands still above its mark, one alert says which limit would fit. */
    void steady(Event.MemorySteady event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.ending != null || run.mark.isEmpty() || run.drain != Drain.NONE) {
            return;
        }
        MarkReached mark = run.mark.get();
        long fits = DrainPolicy.fittingLimit(event.bytes(), mark.mark(), mark.limit());
        suspend(
                run,
                "it stands at " + Words.bytes(event.bytes()) + ", above its drain mark of " + Words.bytes(mark.mark())
                        + ", run after run: no leak, but a limit too small; memory: " + fits / (1 << 20)
                        + "M would fit",
                fits);
    }

    void prepared(Event.DrainPrepared event) {
        Run run = fleet.runs.get(event.run());
        if (run != null && run.drain == Drain.PREPARING) {
            run.drain = Drain.PREPARED;
            turn.moved = true;
        }
    }

    /** Decides, once, what follows from the mark that {@code run} has reached: the present run of its instance, which is to stay. */
    void judge(Run run) {
        if (run.mark.isEmpty() || run.judged || turn.time() < run.drainsFrom) {
            return;
        }
        run.judged = true;
        Instance instance = run.instance;
        MarkReached mark = run.mark.get();
        if (!run.crossed) {
            run.crossed = true;
            instance.drains = instance.drains.crossed(turn.time());
        }
        if (run.drain != Drain.NONE) {
            return;
        }
        if (instance.app.startsOnSchedule() || run.spec.restart().policy() == Policy.NEVER) {
            tell(run, mark, "left alone: a job is not started twice", true);
            return;
        }
        if (instance.drains.suspended()) {
            if (mark.level() == MemoryLevel.DRAIN_MARK) {
                if (!instance.drains.alerted()) {
                    tell(run, mark, "left alone for now: it crossed its mark three times within 10m", false);
                }
                return;
            }
            instance.drains = instance.drains.atLastChance(run.lived(turn.time()));
            if (instance.drains.hopeless()) {
                hopeless(run, mark);
                return;
            }
            suspend(
                    run,
                    "it grows without end, run after run: a leak that no limit fits; it is replaced at its last"
                            + " chance, between drain mark and limit",
                    0);
        }
        begin(run, mark);
    }

    /** Its replacement failed: it stays, and is drained again later, or when it comes nearer to its limit. */
    void postpone(Run run) {
        if (run.drain != Drain.NONE) {
            abandon(run);
            run.drainsFrom = turn.time() + Facts.AGE_RETRY_MILLIS;
        }
    }

    private void begin(Run run, MarkReached mark) {
        Instance instance = run.instance;
        run.drain = Drain.PREPARING;
        if (instance.replacing == null) {
            instance.replacing = new Instance.Replacing(Cause.DRAIN, false);
        }
        String consequence = Replacements.startFirst(instance, run)
                ? run.alone
                        ? "is replaced, the old run first: memory for two is not free"
                        : "is replaced as soon as a new run is ready"
                : "is replaced";
        if (new Rolls(fleet, turn)
                .newRunFailed(run, "reached its " + mark.level().word() + ": " + mark.words())) {
            consequence += "; the former specification comes back";
        }
        tell(run, mark, consequence, true);
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("BULKHEAD_CAUSE", "drain");
        facts.put("BULKHEAD_OLD_PID", Integer.toString(run.pid));
        facts.put("BULKHEAD_MEMORY", Long.toString(mark.bytes()));
        facts.put("BULKHEAD_MEMORY_LIMIT", Long.toString(mark.limit()));
        HookOrder.tell(Hook.ON_DRAIN, run, facts, turn);
        turn.add(new Effect.PrepareDrain(run.id, run.spec, mark.millisToLimit()));
    }

    private void abandon(Run run) {
        Instance instance = run.instance;
        run.drain = Drain.NONE;
        run.alone = false;
        run.judged = false;
        if (instance.replacing != null && instance.replacing.cause() == Cause.DRAIN && instance.current == run) {
            instance.replacing = null;
        }
        turn.moved = true;
    }

    private void tell(Run run, MarkReached mark, String consequence, boolean alert) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("detail", "reached its " + mark.level().word() + ": " + mark.words());
        fields.put("level", mark.level().word());
        fields.put("bytes", mark.bytes());
        fields.put("mark", mark.mark());
        fields.put("limit", mark.limit());
        fields.put("bytes_per_second", mark.perSecond());
        fields.put("room_for_two", mark.roomForTwo());
        fields.put("consequence", consequence);
        if (alert) {
            fields.put("alert", true);
        }
        turn.tell(Tale.MEMORY_MARK, run.instance, run.id, fields);
    }

    private void hopeless(Run run, MarkReached mark) {
        run.instance.drains = new DrainPolicy(
                run.instance.drains.before(), run.instance.drains.last(), true, false, DrainPolicy.MOST_HASTY + 1);
        suspend(
                run,
                "ten runs in a row were at their last chance within 10 s of their start; this one is left to the kernel, which ends it at "
                        + Words.bytes(mark.limit()) + ": raise memory, or go back to an older release",
                0);
    }

    /** @param fits bytes of the limit that would do, 0 where none is known */
    private void suspend(Run run, String reason, long fits) {
        Instance instance = run.instance;
        if (!instance.drains.suspended() || instance.drains.alerted()) {
            return;
        }
        instance.drains = instance.drains.told();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reason", reason);
        if (fits > 0) {
            fields.put("fitting_limit", fits);
        }
        fields.put("alert", true);
        turn.tell(Tale.DRAIN_SUSPENDED, instance, run.id, fields);
    }
}
