package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Restart.Policy;

/**
 * Whether an instance waits for an app or an external that it depends on. A first start waits for as long as it takes. A replacement waits only while
 * that app is on its way up: an app that served without it must not be lost by a restart. A crashed instance does not wait
 * at all.
 */
record Waiting(Fleet fleet, long time) {

    /**
     * @param waits whether it may not start
     * @param coming whether what it waits for is on its way, and needs nobody's help
     */
    record Reason(boolean waits, boolean coming, String words) {
        static final Reason NONE = new Reason(false, false, "");
    }

    Reason reason(Instance instance) {
        if (instance.nextCause == Cause.CRASH) {
            return Reason.NONE;
        }
        if (instance.nextCause == Cause.START) {
            for (String name : instance.app.spec.dependsOn()) {
                String why = fleet.away.get(name);
                if (why != null && !fleet.apps.containsKey(name)) {
                    return new Reason(true, why.isEmpty(), "waits for " + name + (why.isEmpty() ? "" : ": " + why));
                }
            }
        }
        for (String name : fleet.order().dependencies(instance.id.app())) {
            App needed = fleet.apps.get(name);
            if (needed == null || satisfied(needed)) {
                continue;
            }
            Reason reason = missing(needed);
            if (reason.coming() || instance.nextCause == Cause.START) {
                return reason;
            }
        }
        return Reason.NONE;
    }

    /** Whether the other instances of its app wait for this one to settle before they are replaced. */
    boolean takesTurn(Instance instance) {
        if (instance.replacement != null) {
            return true;
        }
        if (!instance.settling || fleet.mustStop(instance)) {
            return false;
        }
        // Another app keeps it down, not what it was replaced with: no reason to keep the rest as they were.
        Reason reason = instance.current == null ? reason(instance) : Reason.NONE;
        return !reason.waits() || reason.coming();
    }

    /** One instance that is ready will do; a one-shot (`restart: never`) must have completed. */
    private static boolean satisfied(App app) {
        if (app.startsOnSchedule()) {
            return true;
        }
        boolean allCompleted = true;
        for (Instance instance : app.instances.values()) {
            if (instance.isReady() && app.spec.restart().policy() != Policy.NEVER) {
                return true;
            }
            allCompleted &= instance.completed;
        }
        return allCompleted;
    }

    private Reason missing(App app) {
        String what = "waits for " + app.name;
        boolean held = false;
        boolean shed = false;
        String trouble = "";
        for (Instance instance : app.instances.values()) {
            if (fleet.mustStop(instance)) {
                held |= instance.held;
                shed |= instance.isShed();
                continue;
            }
            if (!instance.failure.isEmpty() && (instance.gaveUp || instance.pacing.crashes() > 0)) {
                trouble = instance.failure;
                continue;
            }
            if (instance.current != null) {
                String until = app.spec.restart().policy() == Policy.NEVER ? " to complete" : " to be ready";
                String ill = instance.current.trouble;
                // What is late may never come: whoever started this is told so, instead of waiting with it.
                boolean coming = !instance.current.lateTold;
                return new Reason(true, coming, what + until + (ill.isEmpty() ? "" : ": " + ill));
            }
            Reason further = reason(instance);
            if (further.waits()) {
                return new Reason(true, further.coming(), what + ", which " + further.words());
            }
            return new Reason(true, true, what + " to be ready");
        }
        if (!trouble.isEmpty()) {
            return new Reason(true, false, what + ", which does not come up: " + trouble);
        }
        if (shed) {
            return new Reason(true, false, what + ", which was shed: " + app.shedWords);
        }
        return new Reason(
                true,
                false,
                what + (held ? ", which was stopped by hand" : ", which is stopped") + ": bulkhead start " + app.name);
    }
}
