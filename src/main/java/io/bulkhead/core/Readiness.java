package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Listen.Handover;
import io.bulkhead.spec.Ready;
import java.time.Duration;
import java.util.Map;

/** When a run is ready, when it may serve, and when it is too late. */
record Readiness(Fleet fleet, Turn turn) {

    /** What is rolled out must stay ready and well for so long before the run that serves is asked to go. */
    static final long STABLE_MILLIS = 2000;

    private static final long TIMEOUT_MILLIS = 60_000;

    /** It said or showed so. */
    void said(String id) {
        Run run = fleet.runs.get(id);
        if (run != null && run.exists()) {
            say(run);
        }
    }

    void say(Run run) {
        if (!run.saidReady) {
            run.saidReady = true;
            turn.moved = true;
        }
    }

    /** What time and words alone bring about. */
    void advance(Run run) {
        if (run.phase != Run.Phase.STARTING) {
            return;
        }
        if (run.saidReady || turn.time() >= run.readyAt(run.startedAt) || unheard(run)) {
            run.phase = Run.Phase.READY;
            run.readySince = turn.time();
            turn.moved = true;
            turn.tell(Tale.READY, run.instance, run.id, Map.of("pid", run.pid));
            if (run.instance.current == run) {
                admit(run);
            }
            HookOrder.tell(Hook.POST_START, run, HookOrder.ofStart(run), turn);
            if (run.cause != Cause.START) {
                HookOrder.tell(Hook.POST_RESTART, run, HookOrder.ofStart(run), turn);
            }
        } else if (!run.lateTold && turn.time() >= lateAt(run)) {
            run.lateTold = true;
            turn.tell(
                    Tale.NOT_READY,
                    run.instance,
                    run.id,
                    Map.of("after_seconds", timeoutMillis(run.spec) / 1000.0, "reason", awaited(run)));
        }
    }

    /** What it said while no daemon lived is lost (sd_notify(3) does not wait for a reader): one that has lived for so long has said it. */
    private boolean unheard(Run run) {
        return run.adopted && run.spec.ready() instanceof Ready.Notified && turn.time() >= lateAt(run);
    }

    /** It may serve from now on, where it had to wait for that. */
    void admit(Run run) {
        if (run.gated && !run.admitted && run.isReady()) {
            run.admitted = true;
            turn.add(new Effect.Admit(run.id));
        }
    }

    /** Whether a run must not serve before it is told to: beside another, and where its health decides. */
    static boolean gated(AppSpec app, boolean beside) {
        return (beside || app.ready() instanceof Ready.Healthy) && served(app);
    }

    /** Whether Bulkhead may hold a socket of the app. */
    static boolean served(AppSpec app) {
        for (Listen address : app.listen()) {
            if (address.handover() != Handover.NEVER) {
                return true;
            }
        }
        return false;
    }

    /** When it is good enough to take over from another run, monotonic; {@code Long.MAX_VALUE} while it is not known. */
    static long steadyAt(Run run) {
        if (!run.isReady() || run.unhealthy) {
            return Long.MAX_VALUE;
        }
        if (!run.cause.rollsOut()) {
            return run.readySince;
        }
        if (run.spec.health().isPresent() && !run.well) {
            return Long.MAX_VALUE;
        }
        return Math.max(run.readySince, run.wellSince) + STABLE_MILLIS;
    }

    /** When it should have become ready, monotonic; {@code Long.MAX_VALUE} where it does by its age alone. */
    static long lateAt(Run run) {
        long timeout = timeoutMillis(run.spec);
        return timeout == Long.MAX_VALUE ? timeout : run.startedAt + timeout;
    }

    static long timeoutMillis(AppSpec app) {
        if (app.health().isPresent()) {
            long least = app.ready() instanceof Ready.After(Duration time) ? time.toMillis() : 0;
            return least + app.health().get().startTimeout().toMillis();
        }
        return app.ready() instanceof Ready.After ? Long.MAX_VALUE : TIMEOUT_MILLIS;
    }

    /** What a run that is not ready or not well has still to do, to follow "waits for": empty where only time is missing. */
    static String awaited(Run run) {
        String last = run.trouble.isEmpty() ? "" : " (last: " + run.trouble + ")";
        if (run.phase == Run.Phase.READY) {
            return run.well || run.spec.health().isEmpty() ? "" : "its check to be well" + last;
        }
        return switch (run.spec.ready()) {
            case Ready.After after -> "";
            case Ready.Listening listening -> "it to listen on " + addresses(run.spec);
            case Ready.Healthy healthy -> "its first check that is well" + last;
            case Ready.Notified notified -> "READY=1 of it (sd_notify)";
            case Ready.Messaged messaged -> "process.send('ready') of it";
        };
    }

    private static String addresses(AppSpec app) {
        StringBuilder text = new StringBuilder();
        for (Listen address : app.listen()) {
            text.append(text.isEmpty() ? "" : ", ").append(address.text());
        }
        return text.toString();
    }
}
