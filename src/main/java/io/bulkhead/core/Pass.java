package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Replace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Compares what is wished with what runs, for every instance, and orders what is missing: first what must go, in the order of stopping,
 * then what must come, in the order of starting, until nothing more follows.
 */
final class Pass {

    private static final int ROUNDS = 1000;

    private final Fleet fleet;
    private final Turn turn;
    private final Waiting waiting;
    private final Drains drains;

    Pass(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
        this.waiting = new Waiting(fleet, turn.time());
        this.drains = new Drains(fleet, turn);
    }

    void run() {
        int rounds = 0;
        do {
            if (++rounds > ROUNDS) {
                throw new IllegalStateException("decisions go round in circles: " + turn.effects);
            }
            turn.moved = false;
            new Shedding(fleet, turn).bringBack();
            for (Instance instance : fleet.inStartOrder().reversed()) {
                age(instance);
                goDown(instance);
            }
            for (Instance instance : fleet.inStartOrder()) {
                comeUp(instance);
            }
            forgetWhatLeft();
        } while (turn.moved);
        settleApps();
        if (fleet.shuttingDown && !fleet.finished && fleet.runs.isEmpty()) {
            fleet.finished = true;
            turn.effects.add(new Effect.Finished());
        }
    }

    /** What time alone brings about. */
    private void age(Instance instance) {
        Run current = instance.current;
        if (current != null) {
            ready(current);
            long lived = current.lived(turn.time());
            if (current.isReady()
                    && instance.pacing.overAfter(lived, current.spec.restart().backoff())) {
                if (instance.alerted) {
                    turn.tell(Tale.RECOVERED, instance, current.id, Map.of());
                }
                instance.calm();
            }
            if (current.isReady() && turn.time() >= instance.wellAt(current)) {
                instance.resolve(turn);
            }
            if (current.isReady()
                    && turn.time() >= current.tooOldAt
                    && instance.replacing == null
                    && instance.replacement == null) {
                instance.replacing = new Instance.Replacing(Cause.MAX_AGE, false);
            }
        }
        if (instance.replacement != null) {
            ready(instance.replacement);
        }
        for (Run run : instance.draining) {
            climb(run);
        }
    }

    private void ready(Run run) {
        if (run.phase == Run.Phase.STARTING && (run.saidReady || turn.time() >= run.readyAt(run.startedAt))) {
            run.phase = Run.Phase.READY;
            turn.moved = true;
            turn.tell(Tale.READY, run.instance, run.id, Map.of("pid", run.pid));
        }
    }

    private void climb(Run run) {
        StopLadder ladder = run.ladder;
        if (ladder == null || turn.time() < ladder.killAt()) {
            return;
        }
        if (ladder.kills() == 0) {
            turn.tell(Tale.KILLED, run.instance, run.id, Map.of("after_seconds", ladder.graceMillis() / 1000.0));
        }
        run.ladder = ladder.killed(turn.time());
        turn.add(new Effect.KillRun(run.id));
    }

    private void goDown(Instance instance) {
        boolean mustStop = fleet.mustStop(instance);
        if (mustStop) {
            instance.replacing = null;
            instance.queued = false;
            if (instance.replacement != null) {
                end(instance.replacement, Run.Ending.STOP, turn);
            }
            if (instance.current != null && fleet.mayStop(instance)) {
                end(instance.current, instance.isShed() ? Run.Ending.SHED : Run.Ending.STOP, turn);
            }
        }
        if (instance.settling
                && (mustStop
                        || instance.completed
                        || (instance.isReady() && instance.replacement == null && instance.draining.isEmpty()))) {
            instance.settling = false;
            turn.moved = true;
        }
        if ((instance.held || instance.leaving) && !instance.hasRuns()) {
            instance.resolve(turn);
        }
        if (instance.occupied && !instance.hasRuns() && (mustStop || instance.completed || instance.gaveUp)) {
            instance.occupied = false;
            if (!instance.completed && !instance.gaveUp) {
                turn.tell(Tale.STOPPED, instance, "", Map.of());
            }
            turn.add(new Effect.Release(instance.id));
        }
    }

    /** Begins the end of a run; one that is still being spawned is asked as soon as it exists. */
    static void end(Run run, Run.Ending ending, Turn turn) {
        Instance instance = run.instance;
        if (instance.current == run) {
            instance.current = null;
        }
        if (instance.replacement == run) {
            instance.replacement = null;
        }
        run.ending = ending;
        instance.draining.add(run);
        turn.moved = true;
        if (run.phase != Run.Phase.SPAWNING) {
            ask(run, turn);
        }
    }

    static void ask(Run run, Turn turn) {
        run.ladder = StopLadder.asked(turn.time(), run.spec.stop().grace().toMillis());
        String reason = run.ending == null ? "" : run.ending.words;
        turn.tell(Tale.DRAINING, run.instance, run.id, Map.of("reason", reason));
        turn.add(new Effect.AskToStop(run.id, run.spec));
    }

    private void comeUp(Instance instance) {
        if (fleet.mustStop(instance)) {
            return;
        }
        if (instance.current == null && instance.replacement != null) {
            instance.current = instance.replacement;
            instance.replacement = null;
            instance.replacing = null;
            instance.keptRun = "";
            turn.moved = true;
        }
        if (instance.current == null) {
            startWhenAllowed(instance);
            return;
        }
        update(instance.current);
        drains.judge(instance.current);
        if (instance.replacement != null) {
            update(instance.replacement);
            follow(instance, instance.current, instance.replacement);
        } else if (instance.needsReplacement() && hasTurn(instance)) {
            replace(instance, instance.current);
        }
    }

    /** Takes over changes that need no new run. */
    private void update(Run run) {
        AppSpec next = run.instance.app.spec;
        if (run.phase == Run.Phase.SPAWNING || run.spec.equals(next) || Difference.needsNewRun(run.spec, next)) {
            return;
        }
        Set<String> keys = Difference.liveKeys(run.spec, next);
        boolean otherAge = !run.spec.maxAge().equals(next.maxAge());
        run.spec = next;
        turn.moved = true;
        if (otherAge) {
            run.tooOldAt = tooOldAt(run);
        }
        if (!keys.isEmpty()) {
            turn.add(new Effect.UpdateRun(run.id, next, keys));
        }
    }

    /** Up to a tenth early, so that runs started together do not end together; never late. */
    long tooOldAt(Run run) {
        if (run.spec.maxAge().isEmpty()) {
            return Long.MAX_VALUE;
        }
        long age = run.spec.maxAge().get().toMillis();
        return run.startedAt + age - fleet.random.nextLong(age / 10 + 1);
    }

    private void follow(Instance instance, Run current, Run replacement) {
        if (!instance.needsReplacement() || Difference.needsNewRun(replacement.spec, instance.app.spec)) {
            end(replacement, Run.Ending.ABANDON, turn);
        } else if (mayEnd(current) && (replacement.isReady() || cannotWait(current, replacement))) {
            end(current, ending(instance, current), turn);
            instance.current = replacement;
            instance.replacement = null;
            instance.replacing = null;
            instance.keptRun = "";
        }
    }

    /** What is drained is asked to stop when all is done that must come before. */
    private static boolean mayEnd(Run run) {
        return run.drain != Run.Drain.PREPARING || !drained(run.instance);
    }

    private static boolean drained(Instance instance) {
        return instance.replacing != null && instance.replacing.cause() == Cause.DRAIN;
    }

    private static Run.Ending ending(Instance instance, Run run) {
        return drained(instance) && run.drain != Run.Drain.NONE ? Run.Ending.DRAIN : Run.Ending.REPLACE;
    }

    /** At the present pace it would be killed at its limit before its replacement is ready. */
    private boolean cannotWait(Run run, Run replacement) {
        long readyAt = replacement.phase == Run.Phase.SPAWNING
                ? replacement.readyAt(turn.time())
                : replacement.readyAt(replacement.startedAt);
        return drained(run.instance)
                && run.above(MemoryLevel.LAST_CHANCE)
                && run.mark.orElseThrow().millisToLimit() < readyAt - turn.time();
    }

    /**
     * One instance of an app after the other, each when the one before is ready and its old run gone. Only a person's restart of a
     * stop-first app takes all at once, as supervisorctl and Compose do: there every instance pauses anyway, and whoever
     * waits for ten workers that each finish a job wants to wait for the slowest, not for the sum.
     */
    private boolean hasTurn(Instance instance) {
        Run current = instance.current;
        if (instance.replacing != null
                && instance.replacing.atOnce()
                && current != null
                && !beside(instance, current)) {
            return true;
        }
        if (drained(instance) && current != null && current.above(MemoryLevel.LAST_CHANCE)) {
            return true;
        }
        for (Instance other : instance.app.instances.values()) {
            if (other != instance && waiting.takesTurn(other)) {
                return false;
            }
        }
        return true;
    }

    /** Two runs stand side by side only where both were written to. */
    private static boolean beside(Instance instance, Run run) {
        return startFirst(instance, run) && !run.alone;
    }

    static boolean startFirst(Instance instance, Run run) {
        return instance.app.spec.replace() == Replace.START_FIRST && run.spec.replace() == Replace.START_FIRST;
    }

    private void replace(Instance instance, Run current) {
        Cause cause = instance.awaitedCause();
        if (beside(instance, current) && fleet.withoutSecond.contains(instance.app.name)) {
            current.alone = true;
            turn.tell(
                    Tale.STOP_FIRST,
                    instance,
                    current.id,
                    Map.of("reason", "memory for two generations does not fit beside the limits of all other apps"));
        }
        if (beside(instance, current) && current.isReady()) {
            if (instance.draining.isEmpty()) {
                instance.replacement = start(instance, cause);
            }
            return;
        }
        if (mayEnd(current)) {
            instance.nextCause = cause;
            instance.settling = true;
            end(current, ending(instance, current), turn);
        }
    }

    private void startWhenAllowed(Instance instance) {
        if (instance.completed || instance.gaveUp || instance.notBefore > turn.time() || drainingBars(instance)) {
            return;
        }
        Waiting.Reason reason = waiting.reason(instance);
        if (reason.waits()) {
            if (!reason.words().equals(instance.toldWaiting)) {
                instance.toldWaiting = reason.words();
                turn.tell(Tale.WAITING, instance, "", Map.of("reason", reason.words()));
            }
            return;
        }
        instance.toldWaiting = "";
        instance.replacing = null;
        instance.keptRun = "";
        instance.current = start(instance, instance.nextCause);
    }

    private static boolean drainingBars(Instance instance) {
        if (instance.draining.size() > 1) {
            return true;
        }
        for (Run run : instance.draining) {
            if (!beside(instance, run)) {
                return true;
            }
        }
        return false;
    }

    private Run start(Instance instance, Cause cause) {
        Run run = new Run(fleet.newRunId(), instance, instance.app.spec, cause, turn.number);
        fleet.runs.put(run.id, run);
        instance.occupied = true;
        switch (cause) {
            case START -> {}
            case CRASH -> instance.restarts++;
            case RESTART, SCHEDULE, MAX_AGE, APPLY, DRAIN, RELOAD, UNHEALTHY, ROLLBACK -> {
                instance.restarts += instance.everStarted ? 1 : 0;
                instance.settling = true;
            }
        }
        instance.everStarted = true;
        turn.tell(Tale.STARTING, instance, run.id, Map.of("cause", cause.name().toLowerCase(java.util.Locale.ROOT)));
        turn.add(new Effect.StartRun(run.id, instance.id, run.spec, cause, false));
        return run;
    }

    private void forgetWhatLeft() {
        boolean left = false;
        for (App app : List.copyOf(fleet.apps.values())) {
            left |= app.instances.values().removeIf(instance -> instance.leaving && !instance.hasRuns());
            if (app.leaving && app.instances.isEmpty()) {
                fleet.apps.remove(app.name);
                turn.tell(Tale.APP_REMOVED, app, Map.of());
                turn.add(new Effect.ForgetApp(app.name));
                left = true;
            }
        }
        if (left) {
            fleet.reorder();
            turn.moved = true;
        }
    }

    private void settleApps() {
        for (App app : fleet.apps.values()) {
            if (app.settled == app.spec) {
                continue;
            }
            List<Instance> open = new ArrayList<>();
            for (Instance instance : app.instances.values()) {
                if (instance.settling || instance.replacement != null || instance.needsReplacement()) {
                    open.add(instance);
                }
            }
            if (open.isEmpty()) {
                app.settled = app.spec;
            }
        }
    }
}
