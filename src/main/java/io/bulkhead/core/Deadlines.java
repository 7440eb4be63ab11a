package io.bulkhead.core;

/** Finds the next time at which something happens by itself. */
record Deadlines(Fleet fleet, Now now) {

    /** Monotonic milliseconds; {@code Long.MAX_VALUE} for never. */
    long next() {
        long next = Long.MAX_VALUE;
        for (Instance instance : fleet.inStartOrder()) {
            next = Math.min(next, next(instance));
        }
        Shedding shedding = new Shedding(fleet, new Turn(now, 0));
        if (!shedding.comingUp()) {
            next = Math.min(next, shedding.nextBack());
        }
        for (App app : fleet.apps.values()) {
            if (app.roll != null) {
                next = Math.min(next, app.roll.watchedUntil);
            }
        }
        if (!fleet.shuttingDown) {
            for (App app : fleet.apps.values()) {
                if (!app.leaving) {
                    next = Math.min(next, app.timetable.lookAt(now));
                }
            }
        }
        return next;
    }

    private long next(Instance instance) {
        long next = Long.MAX_VALUE;
        for (Run run : instance.draining) {
            if (run.ladder != null) {
                next = Math.min(next, run.ladder.killAt());
            }
        }
        Run current = instance.current;
        if (current == null) {
            boolean waits = !fleet.mustStop(instance) && !instance.gaveUp && instance.notBefore > now.monotonicMillis();
            return waits ? Math.min(next, instance.notBefore) : next;
        }
        next = Math.min(next, ready(current));
        if (instance.settling) {
            next = Math.min(next, coming(Readiness.steadyAt(current)));
        }
        if (current.unhealthy && !current.answered && instance.replacing == null) {
            next = Math.min(next, coming(current.unhealthyFrom));
        }
        if (current.mark.isPresent() && !current.judged && current.drainsFrom > now.monotonicMillis()) {
            next = Math.min(next, current.drainsFrom);
        }
        if (instance.replacement != null) {
            Run replacement = instance.replacement;
            long late = replacement.exists() ? coming(Readiness.lateAt(replacement)) : Long.MAX_VALUE;
            long steady = coming(Readiness.steadyAt(replacement));
            return Math.min(next, Math.min(ready(replacement), Math.min(steady, late)));
        }
        if (current.isReady()) {
            if (instance.replacing == null && !fleet.mustStop(instance)) {
                next = Math.min(next, current.tooOldAt);
            }
            if (instance.unresolved && !current.unhealthy) {
                next = Math.min(next, instance.wellAt(current));
            }
            if (instance.pacing.crashes() > 0 && !current.unhealthy) {
                long resetAfter = current.spec.restart().backoff().resetAfter().toMillis();
                next = Math.min(next, current.startedAt + resetAfter);
            }
        }
        return next;
    }

    private static long ready(Run run) {
        if (run.phase != Run.Phase.STARTING) {
            return Long.MAX_VALUE;
        }
        long late = run.lateTold ? Long.MAX_VALUE : Readiness.lateAt(run);
        return Math.min(run.readyAt(run.startedAt), late);
    }

    /** What is over is waited for by something else. */
    private long coming(long at) {
        return at > now.monotonicMillis() ? at : Long.MAX_VALUE;
    }
}
