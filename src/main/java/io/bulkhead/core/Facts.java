package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes in what the host reports about runs. What is about no living run is ignored: it was accounted for before. */
final class Facts {

    /** A replacement for old age that failed is tried again after this. */
    static final long AGE_RETRY_MILLIS = RestartPacing.BREAKER_MILLIS;
    /** An unhealthy run whose replacement failed is replaced again after this at the earliest. */
    static final long UNWELL_RETRY_MILLIS = 60_000;

    private static final String GOES_BACK = "the former specification comes back";

    private final Fleet fleet;
    private final Turn turn;

    Facts(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
    }

    void opensItself(String id) {
        Run run = fleet.runs.get(id);
        if (run != null) {
            run.opensItself = true;
        }
    }

    void started(Event.RunStarted event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.phase != Run.Phase.SPAWNING) {
            return;
        }
        run.phase = Run.Phase.STARTING;
        run.pid = event.pid();
        run.instance.lastPid = run.pid;
        run.startedAt = turn.time();
        run.startedWall = turn.now.wallMillis();
        run.drainsFrom = drainsFrom(run);
        run.tooOldAt = new Pass(fleet, turn).tooOldAt(run);
        run.instance.refusal = Optional.empty();
        if (run.ending != null) {
            Pass.ask(run, turn);
        }
    }

    /** SPEC section 2: not within {@code start_period}. */
    static long drainsFrom(Run run) {
        return run.startedAt
                + run.spec.health().map(check -> check.startPeriod().toMillis()).orElse(0L);
    }

    void refused(Event.RunRefused event) {
        Run run = fleet.runs.get(event.run());
        if (run != null && run.phase == Run.Phase.SPAWNING) {
            refused(run, event.refusal());
        }
    }

    /** Nothing of it is left. */
    void refused(Run run, Refusal refusal) {
        Instance instance = run.instance;
        boolean wasCurrent = instance.current == run;
        boolean wasReplacement = instance.replacement == run;
        remove(run);
        String consequence = "";
        if (wasCurrent && !fleet.mustStop(instance)) {
            instance.refusal = Optional.of(refusal);
            failed(run, refusal.message(), true, turn);
            consequence = again(instance, run, instance.nextCause);
            if (new Rolls(fleet, turn).newRunFailed(run, refusal.message())) {
                consequence = GOES_BACK;
            }
            rollOrAlert(instance, refusal.message());
        } else if (wasReplacement) {
            consequence = "the run before it goes on";
        }
        turn.tell(
                Tale.REFUSED,
                instance,
                run.id,
                Map.of(
                        "step", refusal.step(),
                        "message", refusal.message(),
                        "hint", refusal.hint(),
                        "consequence", consequence));
        if (wasReplacement) {
            new Rolls(fleet, turn).replacementFailed(run, refusal.message(), true);
        }
    }

    /** Its {@code before_rollout} failed: what was to be started waits and tries again, what runs is kept. */
    void rolloutRefused(App app, Refusal refusal) {
        boolean kept = false;
        for (Instance instance : app.instances.values()) {
            if (fleet.mustStop(instance) || instance.completed) {
                continue;
            }
            instance.failureTurn = turn.number;
            instance.failedRunTurn = turn.number;
            instance.failure = refusal.message();
            instance.failureIsRefusal = true;
            String consequence = "the run before it goes on";
            if (instance.current == null && instance.nextCause != Cause.CRASH) {
                instance.refusal = Optional.of(refusal);
                consequence = again(instance, 0, instance.nextCause);
                rollOrAlert(instance, refusal.message());
            } else {
                kept = true;
                instance.keptRun = instance.current == null ? "" : instance.current.id;
            }
            turn.tell(
                    Tale.REFUSED,
                    instance,
                    "",
                    Map.of(
                            "step", refusal.step(),
                            "message", refusal.message(),
                            "hint", refusal.hint(),
                            "consequence", consequence));
        }
        if (kept) {
            new Rolls(fleet, turn).failed(app, refusal.message());
        }
    }

    void exited(Event.RunExited event) {
        Run run = fleet.runs.get(event.run());
        if (run == null) {
            return;
        }
        Instance instance = run.instance;
        boolean wasCurrent = instance.current == run;
        boolean wasReplacement = instance.replacement == run;
        // A run that ends by itself while a new one is wished of its instance does not take the wish along.
        boolean awaited = wasCurrent && instance.awaitsEnd();
        boolean counted =
                instance.lastExit.filter(last -> last.run().equals(run.id)).isPresent();
        HookGate.forget(run, turn);
        remove(run);
        if (counted) {
            return; // A former daemon had told of it and died before it could bury it.
        }
        Exit exit = run.broken.map(child -> event.exit().after(child.kills())).orElse(event.exit());
        ExitReport report = ForcedEnds.explain(run, Classifier.classify(exit, ours(run), run.spec.restart()));
        instance.lastExit = Optional.of(new LastExit(run.id, turn.now.wallMillis(), report));
        String consequence = "";
        if (wasCurrent) {
            consequence =
                    fleet.mustStop(instance) ? "stays stopped, as asked" : afterCurrent(instance, run, report, awaited);
            if (report.failure() && new Rolls(fleet, turn).newRunFailed(run, report.detail())) {
                consequence = GOES_BACK;
            }
        } else if (wasReplacement) {
            consequence = "the run before it goes on";
        } else {
            consequence = ForcedEnds.consequence(run, fleet);
        }
        turn.tell(Tale.EXITED, instance, run.id, fields(report, consequence));
        HookOrder.tell(Hook.POST_STOP, run, HookOrder.ofEnd(run, Optional.of(report)), turn);
        if (report.cause() == ExitCause.OOM_LIMIT) {
            OnOom.run(run, run.pid, report, turn);
        }
        // A program that is to stay and ends well ten times in a row has something to explain too.
        boolean keepsEnding = wasCurrent && instance.replacement == null && instance.pacing.breakerOpen();
        if (report.failure() || (keepsEnding && !fleet.mustStop(instance))) {
            openIncident(run, exit, report, consequence);
        } else {
            Optional<ExitReport> worthIt = ForcedEnds.incident(run, report);
            if (worthIt.isPresent()) {
                openIncident(run, exit, worthIt.get(), consequence);
            }
        }
        if (wasCurrent && !fleet.mustStop(instance)) {
            rollOrAlert(instance, report.detail());
        }
        if (wasReplacement) {
            new Rolls(fleet, turn).replacementFailed(run, report.detail(), false);
        }
    }

    /** What we had done to it. */
    private static Classifier.Ours ours(Run run) {
        StopLadder ladder = run.ladder;
        if (run.ending == Run.Ending.UNHEALTHY || run.ending == Run.Ending.FAILED) {
            return Classifier.Ours.UNHEALTHY;
        }
        if (run.ending != null && ladder == null) {
            return Classifier.Ours.ASKED; // Its pre_stop was running.
        }
        if (ladder == null) {
            return run.broken.isPresent() ? Classifier.Ours.BROKEN : Classifier.Ours.NOTHING;
        }
        if (ladder.kills() > 0) {
            return Classifier.Ours.KILLED;
        }
        return run.ending == Run.Ending.DRAIN ? Classifier.Ours.DRAINED : Classifier.Ours.ASKED;
    }

    private void openIncident(Run run, Exit exit, ExitReport report, String consequence) {
        Instance instance = run.instance;
        if (instance.unresolved && run.exists() && turn.time() >= instance.wellAt(run)) {
            instance.resolve(turn);
        }
        instance.unresolved = true;
        instance.failedAt = turn.time();
        int times = instance.incidents.merge(report.cause(), 1, Integer::sum);
        turn.effects.add(new Effect.OpenIncident(
                run.id, instance.id, run.spec, run.pid, run.lived(turn.time()), exit, report, consequence, times));
    }

    void remove(Run run) {
        fleet.runs.remove(run.id);
        Instance instance = run.instance;
        if (instance.current == run) {
            instance.current = null;
        }
        if (instance.replacement == run) {
            instance.replacement = null;
        }
        instance.draining.remove(run);
        turn.moved = true;
    }

    /** Decides what follows from an end that nobody asked for, and says it. */
    private String afterCurrent(Instance instance, Run run, ExitReport report, boolean awaited) {
        Policy policy = run.spec.restart().policy();
        boolean again = policy == Policy.ALWAYS || awaited || (policy == Policy.ON_FAILURE && report.failure());
        if (again) {
            failed(run, report.detail(), false, turn);
            if (instance.replacement != null) {
                instance.pacing = instance.pacing.crashed(
                        run.lived(turn.time()), run.spec.restart().backoff(), fleet.random);
                return "its replacement takes over";
            }
            return again(instance, run, awaited ? instance.awaitedCause() : Cause.CRASH);
        }
        if (report.failure()) {
            failed(run, report.detail(), false, turn);
            instance.gaveUp = true;
            if (instance.queued) {
                return onceMore(instance);
            }
            return "stays down: restart: never";
        }
        instance.completedTurn = turn.number;
        instance.pacing = RestartPacing.CALM;
        instance.resolve(turn);
        turn.tell(Tale.COMPLETED, instance, run.id, Map.of());
        if (instance.queued) {
            return onceMore(instance);
        }
        instance.completed = true;
        instance.wanted = false;
        return "completed";
    }

    private static String onceMore(Instance instance) {
        instance.queued = false;
        instance.calm();
        instance.nextCause = Cause.SCHEDULE;
        return "started once more: its schedule was due meanwhile";
    }

    static void failed(Run run, String why, boolean refused, Turn turn) {
        run.instance.failureTurn = turn.number;
        run.instance.failedRunTurn = run.turn;
        run.instance.failure = why;
        run.instance.failureIsRefusal = refused;
    }

    private String again(Instance instance, Run run, Cause cause) {
        return again(instance, run.lived(turn.time()), cause);
    }

    private String again(Instance instance, long lived, Cause cause) {
        AppSpec.Backoff backoff = instance.app.spec.restart().backoff();
        instance.pacing = instance.pacing.crashed(lived, backoff, fleet.random);
        instance.notBefore = turn.time() + instance.pacing.pauseMillis();
        instance.nextCause = cause;
        return switch (instance.pacing.verdict()) {
            case AT_ONCE -> "restarted at once";
            case PAUSE -> "tried again in " + Words.time(instance.pacing.pauseMillis());
            case BREAKER ->
                "failed " + instance.pacing.crashes() + " times in a row; tried again every "
                        + Words.time(RestartPacing.BREAKER_MILLIS);
            case GIVE_UP -> {
                instance.gaveUp = true;
                yield "stays down: failed again after " + Words.count(backoff.maxAttempts(), "restart")
                        + " (max_attempts)";
            }
        };
    }

    private void rollOrAlert(Instance instance, String why) {
        if (!instance.alerted && (instance.pacing.breakerOpen() || instance.gaveUp)) {
            instance.alerted = true;
            turn.tell(Tale.CRASHED, instance, "", Map.of("reason", why, "alert", true));
        }
        if (instance.settling && (instance.app.spec.replace() == Replace.START_FIRST || instance.gaveUp)) {
            new Rolls(fleet, turn).failed(instance.app, why);
        }
    }

    private static Map<String, Object> fields(ExitReport report, String consequence) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("cause", report.cause().word());
        if (report.code().isPresent()) {
            fields.put("code", report.code().getAsInt());
        }
        if (!report.signal().isEmpty()) {
            fields.put("signal", report.signal());
        }
        fields.put("detail", report.detail());
        fields.put("hint", report.hint());
        fields.put("failure", report.failure());
        fields.put("consequence", consequence);
        return fields;
    }
}
