package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Hooks.Hook;
import java.util.Optional;

/** Holds back what hooks must come before: {@code before_rollout} and {@code pre_start} a start, {@code pre_stop} a stop. */
record HookGate(Fleet fleet, Turn turn) {

    /** How far an app is with its {@code before_rollout}. */
    enum Rollout {
        /** Nothing to be done, or done. */
        OPEN,
        /** To be run before the next start that is no restart of a crashed run. */
        NEEDED,
        RUNNING,
        /** Runs still, and nobody wants it any more. */
        ENDING
    }

    /** The app is to be started, reloaded or changed. */
    static void rollOut(App app) {
        if (app.rollout == Rollout.OPEN && app.spec.hooks().commands().containsKey(Hook.BEFORE_ROLLOUT)) {
            app.rollout = Rollout.NEEDED;
        }
    }

    /** Whether {@code instance} may be started now as far as {@code before_rollout} goes; begins it where it is missing. */
    boolean open(Instance instance, Cause cause) {
        App app = instance.app;
        if (cause == Cause.CRASH || app.rollout == Rollout.OPEN) {
            return true;
        }
        boolean has = app.spec.hooks().commands().containsKey(Hook.BEFORE_ROLLOUT);
        if (app.rollout == Rollout.NEEDED && !has) {
            app.rollout = Rollout.OPEN;
            return true;
        }
        if (app.rollout == Rollout.NEEDED) {
            app.rollout = Rollout.RUNNING;
            app.rolloutHook = HookOrder.rollout(app, instance, cause, turn);
        }
        return false;
    }

    /** Ends the {@code before_rollout} of an app that is to stop altogether, or has none any more. */
    void dropUnwanted() {
        for (App app : fleet.apps.values()) {
            if (app.rollout != Rollout.RUNNING) {
                continue;
            }
            boolean wanted = false;
            boolean has = app.spec.hooks().commands().containsKey(Hook.BEFORE_ROLLOUT);
            for (Instance instance : app.instances.values()) {
                wanted |= has && !fleet.mustStop(instance);
            }
            if (!wanted) {
                app.rollout = Rollout.ENDING;
                turn.add(new Effect.EndHook(app.rolloutHook));
            }
        }
    }

    /** Begins a run: with its {@code pre_start}, where it has one. */
    void begin(Run run) {
        if (HookOrder.has(run, Hook.PRE_START)) {
            run.phase = Run.Phase.PREPARING;
            run.hook = HookOrder.await(Hook.PRE_START, run, HookOrder.ofStart(run), turn);
        } else {
            spawn(run);
        }
    }

    private void spawn(Run run) {
        run.phase = Run.Phase.SPAWNING;
        run.hook = 0;
        turn.add(new Effect.StartRun(run.id, run.instance.id, run.spec, run.cause, run.gated));
    }

    void ended(Event.HookEnded event) {
        for (App app : fleet.apps.values()) {
            if (app.rolloutHook == event.id() && app.rolloutHook != 0) {
                rolloutEnded(app, event);
                return;
            }
        }
        for (Run run : fleet.runs.values()) {
            if (run.hook == event.id() && run.hook != 0) {
                runHookEnded(run, event);
                return;
            }
        }
    }

    private void rolloutEnded(App app, Event.HookEnded event) {
        app.rolloutHook = 0;
        turn.moved = true;
        boolean dropped = app.rollout == Rollout.ENDING;
        app.rollout = event.well() && !dropped ? Rollout.OPEN : Rollout.NEEDED;
        app.prepared = event.well() && !dropped;
        if (event.well() || dropped) {
            return;
        }
        Refusal refusal = refusal(Hook.BEFORE_ROLLOUT, event);
        boolean serves = false;
        for (Instance instance : app.instances.values()) {
            serves |= instance.current != null;
        }
        new Facts(fleet, turn).rolloutRefused(app, refusal);
        if (serves) {
            app.rollout = Rollout.OPEN;
        }
    }

    private void runHookEnded(Run run, Event.HookEnded event) {
        if (run.phase != Run.Phase.PREPARING) {
            Pass.signal(run, turn);
        } else if (run.ending != null || fleet.mustStop(run.instance)) {
            new Facts(fleet, turn).remove(run);
        } else if (event.well()) {
            spawn(run);
        } else {
            new Facts(fleet, turn).refused(run, refusal(Hook.PRE_START, event));
        }
    }

    private static Refusal refusal(Hook hook, Event.HookEnded event) {
        String hint = "its output is in the app's log; it must end with 0 in time";
        return new Refusal(hook.word(), hook.word() + " failed: " + event.words(), hint);
    }

    /** A run that is not wanted any more before it was spawned: what it waits for ends, then it is gone. */
    static void drop(Run run, Turn turn) {
        turn.add(new Effect.EndHook(run.hook));
    }

    /** The run has ended by itself: nothing more comes before its stop. */
    static void forget(Run run, Turn turn) {
        if (run.hook != 0) {
            turn.add(new Effect.EndHook(run.hook));
            run.hook = 0;
        }
    }

    static Optional<Hook> beforeStop(Run run) {
        boolean patient = run.ending != Run.Ending.SHED && HookOrder.has(run, Hook.PRE_STOP);
        return patient ? Optional.of(Hook.PRE_STOP) : Optional.empty();
    }
}
