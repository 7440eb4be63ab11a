package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
    private final Readiness readiness;
    private final HookGate hooks;
    private final Replacements replacements;

    Pass(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
        this.waiting = new Waiting(fleet, turn.time());
        this.readiness = new Readiness(fleet, turn);
        this.hooks = new HookGate(fleet, turn);
        this.replacements = new Replacements(fleet, turn, this);
    }

    void run() {
        int rounds = 0;
        do {
            if (++rounds > ROUNDS) {
                throw new IllegalStateException("decisions go round in circles: " + turn.effects);
            }
            turn.moved = false;
            hooks.dropUnwanted();
            new Shedding(fleet, turn).bringBack();
            for (Instance instance : fleet.inStartOrder().reversed()) {
                age(instance);
                goDown(instance);
            }
            for (Instance instance : fleet.inStartOrder()) {
                comeUp(instance);
            }
            forgetWhatLeft();
            for (App app : fleet.apps.values()) {
                new Rolls(fleet, turn).settle(app);
            }
        } while (turn.moved);
        if (fleet.shuttingDown && !fleet.finished && fleet.runs.isEmpty()) {
            fleet.finished = true;
            beginAnewNextTime();
            turn.effects.add(new Effect.Finished());
        }
    }

    /** Who stops everything and starts it again wants all of it: jobs that had ended, and what stayed down, too. */
    private void beginAnewNextTime() {
        for (App app : fleet.apps.values()) {
            for (Instance instance : app.instances.values()) {
                instance.completed = false;
                instance.calm();
            }
        }
    }

    /** What time alone brings about. */
    private void age(Instance instance) {
        Run current = instance.current;
        if (current != null) {
            readiness.advance(current);
            long lived = current.lived(turn.time());
            if (current.isReady()
                    && !current.unhealthy
                    && instance.pacing.overAfter(lived, current.spec.restart().backoff())) {
                if (instance.alerted) {
                    turn.tell(Tale.RECOVERED, instance, current.id, Map.of());
                }
                instance.calm();
            }
            if (current.isReady() && !current.unhealthy && turn.time() >= instance.wellAt(current)) {
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
            readiness.advance(instance.replacement);
        }
        for (Run run : instance.draining) {
            climb(run);
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
                        || (instance.current != null
                                && turn.time() >= Readiness.steadyAt(instance.current)
                                && instance.replacement == null
                                && instance.draining.isEmpty()))) {
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
        if (run.exists()) {
            ask(run, turn);
        } else if (run.phase == Run.Phase.PREPARING) {
            HookGate.drop(run, turn);
        }
    }

    /** Begins the stop of a run that exists, with its {@code pre_stop} where it has one: the grace period begins after that. */
    static void ask(Run run, Turn turn) {
        String reason = run.ending == null ? "" : run.ending.words;
        turn.tell(Tale.DRAINING, run.instance, run.id, Map.of("reason", reason));
        Optional<Hook> before = HookGate.beforeStop(run);
        if (before.isPresent()) {
            run.hook = HookOrder.await(before.get(), run, HookOrder.ofEnd(run, Optional.empty()), turn);
        } else {
            signal(run, turn);
        }
    }

    static void signal(Run run, Turn turn) {
        run.hook = 0;
        run.ladder = StopLadder.asked(turn.time(), run.spec.stop().grace().toMillis());
        turn.add(new Effect.AskToStop(run.id, run.spec));
    }

    private void comeUp(Instance instance) {
        if (fleet.mustStop(instance)) {
            return;
        }
        if (instance.current == null && instance.replacement != null) {
            replacements.promote(instance, instance.replacement);
        }
        if (instance.current == null) {
            startWhenAllowed(instance);
            return;
        }
        update(instance.current);
        if (instance.replacement != null) {
            update(instance.replacement);
        }
        replacements.attend(instance, instance.current);
    }

    /** Takes over changes that need no new run. */
    private void update(Run run) {
        AppSpec next = run.instance.app.spec;
        if (!run.exists() || run.spec.equals(next) || run.isNo(next)) {
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
        if (!hooks.open(instance, instance.nextCause)) {
            return;
        }
        instance.toldWaiting = "";
        instance.replacing = null;
        instance.keptRun = "";
        instance.current = start(instance, instance.nextCause, Optional.empty());
    }

    private static boolean drainingBars(Instance instance) {
        if (instance.draining.size() > 1) {
            return true;
        }
        for (Run run : instance.draining) {
            if (!Replacements.beside(instance, run)) {
                return true;
            }
        }
        return false;
    }

    /** @param beside the run that it stands beside and is to replace */
    Run start(Instance instance, Cause cause, Optional<Run> beside) {
        Run run = new Run(fleet.newRunId(), instance, instance.app.spec, cause, turn.number);
        run.gated = Readiness.gated(run.spec, beside.isPresent());
        run.formerPid = beside.map(other -> other.pid).orElse(instance.lastPid);
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
        turn.tell(Tale.STARTING, instance, run.id, Map.of("cause", HookOrder.word(cause)));
        hooks.begin(run);
        return run;
    }

    private void forgetWhatLeft() {
        boolean left = false;
        for (App app : List.copyOf(fleet.apps.values())) {
            left |= app.instances.values().removeIf(this::left);
            if (app.leaving && app.instances.isEmpty()) {
                fleet.apps.remove(app.name);
                turn.tell(Tale.APP_REMOVED, app, Map.of());
                turn.add(new Effect.ForgetApp(app.name));
                fleet.instanceMemories.keySet().removeIf(id -> id.app().equals(app.name));
                fleet.rolloutMemories.remove(app.name);
                fleet.scales.remove(app.name);
                left = true;
            }
        }
        if (left) {
            fleet.reorder();
            turn.moved = true;
        }
    }

    private boolean left(Instance instance) {
        if (!instance.leaving || instance.hasRuns()) {
            return false;
        }
        fleet.instanceMemories.remove(instance.id);
        if (!instance.remembered.equals(InstanceMemory.NONE)) {
            turn.add(new Effect.RememberInstance(instance.id, InstanceMemory.NONE));
        }
        return true;
    }
}
