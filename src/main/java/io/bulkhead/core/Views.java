package io.bulkhead.core;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** Turns what is known into what people see. Changes nothing. */
record Views(Fleet fleet, Now now) {

    private record Said(InstanceState state, String reason) {}

    AppView of(App app) {
        List<InstanceView> instances = new ArrayList<>();
        List<InstanceState> states = new ArrayList<>();
        for (Instance instance : app.instances.values()) {
            InstanceView view = of(instance);
            instances.add(view);
            states.add(view.state());
        }
        return new AppView(app.name, AppState.of(states), reason(app), app.spec, app.origin, List.copyOf(instances));
    }

    private static String reason(App app) {
        if (app.spec.instances() > 0) {
            return "";
        }
        return app.scaled ? "scaled to 0: bulkhead scale " + app.name + " 1" : "instances: 0";
    }

    private InstanceView of(Instance instance) {
        Said said = said(instance);
        Run shown = instance.current != null
                ? instance.current
                : instance.draining.isEmpty() ? null : instance.draining.getLast();
        List<String> others = new ArrayList<>();
        for (Run run : instance.runs()) {
            if (run != shown) {
                others.add(run.id);
            }
        }
        boolean exists = shown != null && shown.exists();
        return new InstanceView(
                instance.id,
                said.state,
                said.reason,
                shown == null ? Optional.empty() : Optional.of(shown.id),
                exists && shown != null ? OptionalInt.of(shown.pid) : OptionalInt.empty(),
                exists && shown != null ? OptionalLong.of(shown.startedWall) : OptionalLong.empty(),
                instance.restarts,
                instance.lastExit,
                nextAttempt(instance),
                instance.held,
                List.copyOf(others));
    }

    private OptionalLong nextAttempt(Instance instance) {
        if (instance.current != null) {
            return OptionalLong.empty();
        }
        if (!fleet.mustStop(instance) && !instance.gaveUp) {
            return instance.notBefore > now.monotonicMillis()
                    ? OptionalLong.of(now.wallMillis() + instance.notBefore - now.monotonicMillis())
                    : OptionalLong.empty();
        }
        Optional<Long> next = instance.app.timetable.next();
        return next.isPresent() && instance.app.startsOnSchedule() && !instance.held && !instance.leaving
                ? OptionalLong.of(next.get())
                : OptionalLong.empty();
    }

    private Said said(Instance instance) {
        Run current = instance.current;
        if (current != null) {
            return new Said(
                    current.isReady() ? InstanceState.READY : InstanceState.STARTING, besides(instance, current));
        }
        if (fleet.mustStop(instance)) {
            return instance.draining.isEmpty() ? resting(instance) : draining(instance);
        }
        if (instance.gaveUp) {
            return new Said(
                    instance.refusal.isPresent() ? InstanceState.BLOCKED : InstanceState.CRASHED,
                    instance.failure + "; not tried again: bulkhead start " + instance.id.app());
        }
        if (instance.notBefore > now.monotonicMillis()) {
            return pausing(instance);
        }
        Waiting.Reason reason = new Waiting(fleet, now.monotonicMillis()).reason(instance);
        if (reason.waits()) {
            return new Said(InstanceState.BLOCKED, reason.words());
        }
        if (!instance.draining.isEmpty()) {
            return draining(instance);
        }
        boolean prepares = instance.app.rollout == HookGate.Rollout.RUNNING;
        return new Said(InstanceState.STARTING, prepares ? "waits for before_rollout to end" : "");
    }

    private String besides(Instance instance, Run current) {
        if (fleet.mustStop(instance)) {
            return "stops as soon as the apps that need it have ended";
        }
        if (current.phase == Run.Phase.PREPARING) {
            return "runs pre_start";
        }
        if (instance.replacement != null) {
            String awaited = instance.replacement.exists() ? Readiness.awaited(instance.replacement) : "";
            return "its replacement is starting" + (awaited.isEmpty() ? "" : ": waits for " + awaited);
        }
        if (current.unhealthy) {
            return "unhealthy: " + current.trouble;
        }
        if (current.drain == Run.Drain.PREPARING) {
            return "above its drain mark: is about to be replaced";
        }
        if (current.mark.isPresent() && instance.drains.suspended() && instance.replacing == null) {
            return "above its drain mark; draining is suspended, since a new run does not stay below it either";
        }
        if (instance.needsReplacement()) {
            return "will be replaced: waits for its turn";
        }
        if (!instance.keptRun.isEmpty()) {
            return "kept: its replacement failed: " + instance.failure;
        }
        if (current.phase == Run.Phase.STARTING) {
            String awaited = Readiness.awaited(current);
            return awaited.isEmpty() ? "" : "waits for " + awaited;
        }
        return current.trouble.isEmpty() ? "" : "not well: " + current.trouble;
    }

    private static Said draining(Instance instance) {
        Run run = instance.draining.getLast();
        String words = run.ending == null ? "" : run.ending.words;
        if (run.hook != 0) {
            words += ", " + (run.exists() ? "runs pre_stop" : "its pre_start is being ended");
        }
        if (run.ladder != null && run.ladder.kills() > 0) {
            words += ", did not end within its grace period and is being killed";
        }
        return new Said(InstanceState.DRAINING, words);
    }

    private static Said resting(Instance instance) {
        if (instance.completed) {
            return new Said(InstanceState.COMPLETED, "");
        }
        if (instance.isShed()) {
            return new Said(
                    InstanceState.BLOCKED,
                    "shed: " + instance.app.shedWords
                            + "; comes back when the host has memory again, or now: bulkhead start "
                            + instance.id.app());
        }
        if (instance.held) {
            return new Said(InstanceState.STOPPED, "stopped by hand; holds until bulkhead start " + instance.label());
        }
        Optional<Long> next = instance.app.timetable.next();
        if (instance.app.startsOnSchedule() && next.isPresent()) {
            return new Said(InstanceState.STOPPED, "waits for its schedule, " + due(instance.app, next.get()));
        }
        return new Said(InstanceState.STOPPED, instance.app.spec.autostart() ? "" : "autostart: false");
    }

    /** {@code due 2026-11-22 03:30 Europe/Berlin}: in the zone that the schedule is written in. */
    private static String due(App app, long wallMillis) {
        ZoneId zone =
                app.spec.schedule().map(schedule -> schedule.cron().zone()).orElse(ZoneOffset.UTC);
        ZonedDateTime time = Instant.ofEpochMilli(wallMillis).atZone(zone);
        return "due " + time.toLocalDate() + " " + time.toLocalTime().truncatedTo(ChronoUnit.SECONDS) + " " + zone;
    }

    private static Said pausing(Instance instance) {
        int crashes = instance.pacing.crashes();
        if (instance.refusal.isPresent()) {
            return new Said(InstanceState.BLOCKED, instance.refusal.get().message());
        }
        String row = crashes == 1 ? "" : "; " + crashes + " times in a row";
        if (instance.pacing.breakerOpen()) {
            return new Said(
                    InstanceState.CRASHED,
                    instance.failure + row + ", tried again every " + Words.time(RestartPacing.BREAKER_MILLIS));
        }
        return new Said(InstanceState.BACKOFF, instance.failure + row);
    }
}
