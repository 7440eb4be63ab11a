package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Schedule;
import java.util.Map;

/** Does what is due by the clock on the wall. */
record Schedules(Fleet fleet, Turn turn) {

    void run() {
        for (App app : fleet.apps.values()) {
            if (app.leaving || fleet.shuttingDown || !app.timetable.due(app.spec.schedule(), turn.now, fleet.cron)) {
                continue;
            }
            Schedule schedule = app.spec.schedule().orElseThrow();
            turn.tell(Tale.SCHEDULED, app, Map.of());
            for (Instance instance : app.instances.values()) {
                if (instance.held || instance.leaving) {
                    continue;
                }
                switch (schedule) {
                    case Schedule.RestartAt at -> restart(instance);
                    case Schedule.StartAt at -> start(instance, at.queue());
                }
            }
        }
    }

    private static void restart(Instance instance) {
        if (instance.current != null && instance.replacing == null && instance.replacement == null) {
            instance.replacing = new Instance.Replacing(Cause.SCHEDULE, false);
        }
    }

    private void start(Instance instance, boolean queue) {
        boolean retries = instance.wanted && !instance.gaveUp && !instance.pacing.breakerOpen();
        if (instance.hasRuns() || retries) {
            instance.queued = queue && instance.wanted;
            turn.tell(Tale.OVERLAP, instance, "", Map.of("queued", instance.queued));
            return;
        }
        instance.wanted = true;
        instance.completed = false;
        instance.gaveUp = false;
        instance.notBefore = 0;
        instance.refusal = java.util.Optional.empty();
        instance.nextCause = Cause.SCHEDULE;
    }
}
