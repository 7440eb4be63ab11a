package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Begins, ends and takes back rolls: what becomes of an app whose runs are being replaced, or have been a moment ago. */
record Rolls(Fleet fleet, Turn turn) {

    /** The app's runs are to be replaced, by a reload or because its specification has changed. Nothing where none runs. */
    void begin(App app, Cause cause, long together) {
        if (app.hasRuns()) {
            app.roll = new Roll(cause, turn.number, turn.now.wallMillis(), app.settled, together);
        }
    }

    /** Replaces the runs of these instances; behind the roll that is under way, if there is one. */
    void reload(App app, List<Instance> instances, long together) {
        if (app.roll != null && app.roll.rolling()) {
            for (Instance instance : instances) {
                app.queued.add(instance.id.index());
            }
            return;
        }
        HookGate.rollOut(app);
        begin(app, Cause.RELOAD, together);
        for (Instance instance : instances) {
            instance.keptRun = "";
            if (instance.current != null) {
                instance.replacing = new Instance.Replacing(Cause.RELOAD, false);
            }
        }
        turn.moved = true;
    }

    /** Whether an app that goes before this one in the same roll of several is not done. */
    boolean waitsForOthers(App app) {
        Roll roll = app.roll;
        if (roll == null || roll.together == 0) {
            return false;
        }
        for (String name : fleet.order().startOrder()) {
            App other = fleet.apps.get(name);
            if (other == app) {
                return false;
            }
            if (other != null && other.roll != null && other.roll.rolling() && other.roll.together == roll.together) {
                return true;
            }
        }
        return false;
    }

    /** Closes what has come true, begins what was queued behind it, and ends watches that are over. */
    void settle(App app) {
        Roll roll = app.roll;
        if (roll != null && turn.time() >= roll.watchedUntil) {
            app.roll = null;
            turn.moved = true;
            return;
        }
        boolean rolling = roll != null && roll.rolling();
        if ((app.settled == app.spec && !rolling) || open(app)) {
            return;
        }
        app.settled = app.spec;
        app.goingBack = false;
        if (roll != null && rolling) {
            long watch = app.spec.release().watch().toMillis();
            boolean watches = watch > 0 && app.spec.release().rollback();
            roll.watchedUntil = turn.time() + watch;
            roll.watchedUntilWall = turn.now.wallMillis() + watch;
            app.roll = watches ? roll : null;
            turn.moved = true;
            beginQueued(app);
        }
    }

    /** Whether an instance has still to be replaced, or to prove itself. */
    private boolean open(App app) {
        Waiting waiting = new Waiting(fleet, turn.time());
        for (Instance instance : app.instances.values()) {
            if (waiting.takesTurn(instance) || instance.needsReplacement()) {
                return true;
            }
        }
        return false;
    }

    private void beginQueued(App app) {
        if (app.queued.isEmpty()) {
            return;
        }
        List<Instance> instances = app.instances.values().stream()
                .filter(instance -> app.queued.contains(instance.id.index()) && !fleet.mustStop(instance))
                .toList();
        app.queued.clear();
        reload(app, instances, 0);
    }

    /**
     * A run that was rolled out has taken over and failed now. Whether the former specification comes back; where the code was changed in
     * place, there is none, which is told.
     */
    boolean newRunFailed(Run run, String why) {
        App app = run.instance.app;
        Roll roll = app.roll;
        boolean watched =
                app.spec.release().rollback() && app.spec.release().watch().toMillis() > 0;
        if (roll == null || !watched || !roll.brought(run) || fleet.mustStop(run.instance)) {
            return false;
        }
        if (roll.changes(app.spec)) {
            goBack(app, roll.former, why);
            return true;
        }
        boolean rolling = roll.rolling();
        stop(app);
        turn.tell(
                Tale.NOT_ROLLED_BACK,
                app,
                Map.of(
                        "reason",
                        run.instance.label() + ": " + why,
                        "consequence",
                        (rolling ? "instances that were not replaced yet are kept; " : "")
                                + "the code was changed in place, so there is nothing to go back to",
                        "alert",
                        true));
        beginQueued(app);
        return false;
    }

    /** A run that was to replace another, and stood beside it, has failed: the other goes on. */
    void replacementFailed(Run run, String why, boolean refused) {
        Instance instance = run.instance;
        Facts.failed(run, why, refused, turn);
        Run kept = instance.current;
        if (kept == null) {
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reason", why);
        fields.put("failed", run.id);
        turn.tell(Tale.KEPT, instance, kept.id, fields);
        new Drains(fleet, turn).postpone(kept);
        new Unwell(fleet, turn).postpone(kept);
        failed(instance.app, why);
        instance.keptRun = kept.id;
    }

    /** Ends a roll: who has not been replaced is kept, and where the old specification still serves, it is in force again. */
    void failed(App app, String why) {
        boolean oldServes = false;
        for (Instance instance : app.instances.values()) {
            Run current = instance.current;
            if (current != null && turn.time() >= current.tooOldAt) {
                current.tooOldAt = turn.time() + Facts.AGE_RETRY_MILLIS;
            }
            oldServes |= current != null && current.isReady() && !Difference.needsNewRun(current.spec, app.settled);
        }
        if (oldServes && Difference.needsNewRun(app.settled, app.spec)) {
            goBack(app, app.settled, why);
            return;
        }
        stop(app);
        for (Instance instance : app.instances.values()) {
            if (instance.current != null && Difference.needsNewRun(instance.current.spec, app.spec)) {
                instance.keptRun = instance.current.id;
            }
        }
        beginQueued(app);
    }

    private void stop(App app) {
        for (Instance instance : app.instances.values()) {
            boolean own = instance.replacing != null && (instance.replacing.atOnce() || instance.replacing.ofItsRun());
            if (!own) {
                instance.replacing = null;
            }
            instance.settling = false;
        }
        app.roll = null;
        turn.moved = true;
    }

    private void goBack(App app, AppSpec before, String why) {
        stop(app);
        // How many there are is a wish of its own, and holds.
        AppSpec former = app.scaled ? before.withInstances(app.spec.instances()) : before;
        app.spec = former;
        app.settled = former;
        app.goingBack = true;
        app.rolledBackTurn = turn.number;
        for (Instance instance : app.instances.values()) {
            if (instance.current == null && !fleet.mustStop(instance) && !instance.completed) {
                instance.calm();
                instance.nextCause = Cause.ROLLBACK;
            }
        }
        Instances.fit(app, fleet, turn, false);
        turn.add(new Effect.RememberApp(app.spec, app.origin));
        turn.tell(Tale.ROLLED_BACK, app, Map.of("reason", why, "alert", true));
        beginQueued(app);
    }
}
