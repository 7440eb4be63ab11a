package io.bulkhead.core;

import io.bulkhead.core.RestartPacing.Verdict;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.HealthCheck;
import io.bulkhead.spec.Ready;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What follows from the checks of a run: {@link HealthPolicy} says when it is unhealthy. It is then replaced as its app says, paced like a
 * crash, and not while an external that it needs is away: a new run could do no better.
 */
record Unwell(Fleet fleet, Turn turn) {

    void probed(Event.Probed event) {
        Run run = fleet.runs.get(event.run());
        if (run == null
                || !run.exists()
                || run.ending != null
                || run.spec.health().isEmpty()) {
            return;
        }
        HealthCheck check = run.spec.health().get();
        if (event.well() != run.well) {
            run.well = event.well();
            run.wellSince = turn.time();
            turn.moved = true;
        }
        run.trouble = event.well() ? "" : event.words();
        if (event.well() && run.spec.ready() instanceof Ready.Healthy) {
            new Readiness(fleet, turn).say(run);
        }
        if (!event.well() && run.lived(turn.time()) < check.startPeriod().toMillis()) {
            return;
        }
        boolean unhealthy = run.health.unhealthyAfter(event.well(), check);
        if (unhealthy && !run.unhealthy) {
            turned(run);
        } else if (event.well() && !unhealthy && run.unhealthy) {
            recovered(run);
        }
    }

    /** Answers {@link Effect.RecordUnhealthy}. */
    void recorded(String id) {
        Run run = fleet.runs.get(id);
        if (run != null && run.recording) {
            run.recording = false;
            turn.moved = true;
        }
    }

    void away(Event.ExternalsAway event) {
        fleet.away = event.reasons();
        turn.moved = true;
    }

    /** Decides what follows for an unhealthy run that is its instance's present one, and is to stay. */
    void judge(Run run) {
        Instance instance = run.instance;
        if (!run.unhealthy || run.answered || turn.time() < run.unhealthyFrom) {
            return;
        }
        if (instance.replacing != null || instance.replacement != null) {
            return;
        }
        String missing = missing(instance.app);
        if (!missing.isEmpty()) {
            if (!run.awayTold) {
                run.awayTold = true;
                tell(run, "left alone for now: " + missing + " is away, and a new run would need it too", false);
            }
            return;
        }
        run.answered = true;
        run.recording = true;
        instance.replacing = new Instance.Replacing(Cause.UNHEALTHY, false);
        turn.add(new Effect.RecordUnhealthy(run.id, run.spec, run.trouble));
    }

    /** Its replacement failed: it stays, and is replaced again later. */
    void postpone(Run run) {
        if (run.unhealthy && run.answered) {
            run.answered = false;
            run.recording = false;
            run.instance.pacing = run.instance.pacing.crashed(
                    0, run.instance.app.spec.restart().backoff(), fleet.random);
            run.unhealthyFrom = turn.time() + Math.max(Facts.UNWELL_RETRY_MILLIS, run.instance.pacing.pauseMillis());
        }
    }

    private void turned(Run run) {
        Instance instance = run.instance;
        run.unhealthy = true;
        run.answered = false;
        run.awayTold = false;
        turn.moved = true;
        if (instance.current != run) {
            return; // A replacement that fails: told when it is given up.
        }
        boolean replaces =
                instance.app.spec.health().map(HealthCheck::replaceUnhealthy).orElse(false);
        boolean job = instance.app.startsOnSchedule() || run.spec.restart().policy() == Policy.NEVER;
        if (new Rolls(fleet, turn).newRunFailed(run, "turned unhealthy: " + run.trouble)) {
            run.answered = true;
            tell(run, "the former specification comes back", true);
        } else if (!replaces || job) {
            run.answered = true;
            tell(run, job ? "left alone: a job is not started twice" : "reported only (on_unhealthy: report)", true);
        } else {
            pace(run);
        }
        if (run.answered && instance.settling) {
            // It has taken over and nobody replaces it: what was to be replaced after it stays as it is.
            new Rolls(fleet, turn).failed(instance.app, "turned unhealthy: " + run.trouble);
        }
    }

    private void pace(Run run) {
        Instance instance = run.instance;
        instance.pacing = instance.pacing.crashed(
                run.lived(turn.time()), instance.app.spec.restart().backoff(), fleet.random);
        run.unhealthyFrom = turn.time() + instance.pacing.pauseMillis();
        Verdict verdict = instance.pacing.verdict();
        run.answered = verdict == Verdict.GIVE_UP;
        tell(
                run,
                switch (verdict) {
                    case AT_ONCE -> "is replaced";
                    case PAUSE, BREAKER -> "is replaced in " + Words.time(instance.pacing.pauseMillis());
                    case GIVE_UP -> "left as it is: replaced often enough in a row (max_attempts)";
                },
                true);
    }

    private void recovered(Run run) {
        Instance instance = run.instance;
        run.unhealthy = false;
        boolean waits = instance.replacing != null
                && instance.replacing.cause() == Cause.UNHEALTHY
                && instance.current == run
                && instance.replacement == null;
        if (waits) {
            instance.replacing = null;
            run.recording = false;
        }
        turn.moved = true;
        turn.tell(Tale.WELL, instance, run.id, Map.of());
    }

    /** The first external that the app needs and that cannot be reached; empty where there is none. */
    private String missing(App app) {
        for (String name : app.spec.dependsOn()) {
            if (fleet.away.containsKey(name)) {
                return name;
            }
        }
        return "";
    }

    private void tell(Run run, String consequence, boolean alert) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reason", run.trouble);
        fields.put("consequence", consequence);
        if (alert) {
            fields.put("alert", true);
        }
        turn.tell(Tale.UNHEALTHY, run.instance, run.id, fields);
    }
}
