package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.Ready;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Takes in what the host reports about runs. What is about no living run is ignored: it was accounted for before. */
final class Facts {

    /** A replacement for old age that failed is tried again after this. */
    static final long AGE_RETRY_MILLIS = RestartPacing.BREAKER_MILLIS;

    private final Fleet fleet;
    private final Turn turn;

    Facts(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
    }

    void started(Event.RunStarted event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.phase != Run.Phase.SPAWNING) {
            return;
        }
        run.phase = Run.Phase.STARTING;
        run.pid = event.pid();
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

    void ready(String id) {
        Run run = fleet.runs.get(id);
        if (run != null) {
            run.saidReady = true;
        }
    }

    void probed(Event.Probed event) {
        Run run = fleet.runs.get(event.run());
        if (run != null && event.well() && run.spec.ready() instanceof Ready.Healthy) {
            run.saidReady = true;
        }
    }

    void adopted(Event.RunAdopted event, boolean held) {
        if (fleet.runs.containsKey(event.run())) {
            return;
        }
        App app = fleet.apps.get(event.app().name());
        if (app == null) {
            app = new App(event.app(), event.origin());
            fleet.apps.put(app.name, app);
        }
        Instance instance = app.instances.get(event.instance().index());
        if (instance == null) {
            instance = new Instance(event.instance(), app);
            instance.held = held;
            instance.wanted = !held;
            app.instances.put(event.instance().index(), instance);
            fleet.reorder();
        }
        Run run = new Run(event.run(), instance, event.app(), Cause.START, turn.number);
        long age = Math.max(0, turn.now.wallMillis() - event.startedWallMillis());
        run.phase = Run.Phase.STARTING;
        run.pid = event.pid();
        run.startedAt = turn.time() - age;
        run.startedWall = event.startedWallMillis();
        run.saidReady = event.ready();
        run.drainsFrom = drainsFrom(run);
        run.tooOldAt = new Pass(fleet, turn).tooOldAt(run);
        instance.occupied = true;
        instance.everStarted = true;
        fleet.runs.put(run.id, run);
        turn.tell(Tale.ADOPTED, instance, run.id, Map.of("pid", run.pid));
        Run other = instance.current;
        if (other != null && other.startedAt > run.startedAt) {
            Pass.end(run, Run.Ending.REPLACE, turn);
            return;
        }
        if (other != null) {
            Pass.end(other, Run.Ending.REPLACE, turn);
        }
        instance.current = run;
    }

    void refused(Event.RunRefused event) {
        Run run = fleet.runs.get(event.run());
        if (run == null || run.phase != Run.Phase.SPAWNING) {
            return;
        }
        Instance instance = run.instance;
        boolean wasCurrent = instance.current == run;
        boolean wasReplacement = instance.replacement == run;
        remove(run);
        Refusal refusal = event.refusal();
        String consequence = "";
        if (wasCurrent && !fleet.mustStop(instance)) {
            instance.refusal = Optional.of(refusal);
            failed(run, refusal.message(), true);
            consequence = again(instance, run, instance.nextCause);
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
            replacementFailed(run, refusal.message(), true);
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
        remove(run);
        Exit exit = run.broken.map(child -> event.exit().after(child.kills())).orElse(event.exit());
        ExitReport report = MemoryEnds.explain(run, Classifier.classify(exit, ours(run), run.spec.restart()));
        instance.lastExit = Optional.of(new LastExit(run.id, turn.now.wallMillis(), report));
        String consequence = "";
        if (wasCurrent) {
            consequence =
                    fleet.mustStop(instance) ? "stays stopped, as asked" : afterCurrent(instance, run, report, awaited);
        } else if (wasReplacement) {
            consequence = "the run before it goes on";
        } else {
            consequence = MemoryEnds.consequence(run, fleet);
        }
        turn.tell(Tale.EXITED, instance, run.id, fields(report, consequence));
        if (report.cause() == ExitCause.OOM_LIMIT) {
            OnOom.run(run, run.pid, report, turn);
        }
        // A program that is to stay and ends well ten times in a row has something to explain too.
        boolean keepsEnding = wasCurrent && instance.replacement == null && instance.pacing.breakerOpen();
        if (report.failure() || (keepsEnding && !fleet.mustStop(instance))) {
            openIncident(run, exit, report, consequence);
        } else {
            Optional<ExitReport> worthIt = MemoryEnds.incident(run, report);
            if (worthIt.isPresent()) {
                openIncident(run, exit, worthIt.get(), consequence);
            }
        }
        if (wasCurrent && !fleet.mustStop(instance)) {
            rollOrAlert(instance, report.detail());
        }
        if (wasReplacement) {
            replacementFailed(run, report.detail(), false);
        }
    }

    /** What we had done to it. */
    private static Classifier.Ours ours(Run run) {
        StopLadder ladder = run.ladder;
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
        if (instance.unresolved && run.phase != Run.Phase.SPAWNING && turn.time() >= instance.wellAt(run)) {
            instance.resolve(turn);
        }
        instance.unresolved = true;
        instance.failedAt = turn.time();
        int times = instance.incidents.merge(report.cause(), 1, Integer::sum);
        turn.effects.add(new Effect.OpenIncident(
                run.id, instance.id, run.spec, run.pid, run.lived(turn.time()), exit, report, consequence, times));
    }

    private void remove(Run run) {
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
            failed(run, report.detail(), false);
            if (instance.replacement != null) {
                instance.pacing = instance.pacing.crashed(
                        run.lived(turn.time()), run.spec.restart().backoff(), fleet.random);
                return "its replacement takes over";
            }
            return again(instance, run, awaited ? instance.awaitedCause() : Cause.CRASH);
        }
        if (report.failure()) {
            failed(run, report.detail(), false);
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

    private void failed(Run run, String why, boolean refused) {
        run.instance.failureTurn = turn.number;
        run.instance.failedRunTurn = run.turn;
        run.instance.failure = why;
        run.instance.failureIsRefusal = refused;
    }

    private String again(Instance instance, Run run, Cause cause) {
        AppSpec.Backoff backoff = instance.app.spec.restart().backoff();
        instance.pacing = instance.pacing.crashed(run.lived(turn.time()), backoff, fleet.random);
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
            rollFailed(instance, why);
        }
    }

    private void replacementFailed(Run run, String why, boolean refused) {
        Instance instance = run.instance;
        failed(run, why, refused);
        Run kept = instance.current;
        if (kept == null) {
            return;
        }
        turn.tell(Tale.KEPT, instance, kept.id, Map.of("reason", why));
        new Drains(fleet, turn).postpone(kept);
        rollFailed(instance, why);
        instance.keptRun = kept.id;
    }

    /** Ends a roll: who has not been replaced is kept, and where the old specification still serves, it is in force again. */
    private void rollFailed(Instance failed, String why) {
        App app = failed.app;
        boolean oldServes = false;
        for (Instance instance : app.instances.values()) {
            if (instance.replacing != null
                    && !instance.replacing.atOnce()
                    && instance.replacing.cause() != Cause.DRAIN) {
                instance.replacing = null;
            }
            instance.settling = false;
            Run current = instance.current;
            if (current != null && turn.time() >= current.tooOldAt) {
                current.tooOldAt = turn.time() + AGE_RETRY_MILLIS;
            }
            oldServes |= current != null && current.isReady() && !Difference.needsNewRun(current.spec, app.settled);
        }
        if (oldServes && Difference.needsNewRun(app.settled, app.spec)) {
            app.spec = app.settled;
            app.rolledBackTurn = turn.number;
            Instances.fit(app, fleet, turn, false);
            turn.add(new Effect.RememberApp(app.spec, app.origin));
            turn.tell(Tale.ROLLED_BACK, app, Map.of("reason", why));
            return;
        }
        for (Instance instance : app.instances.values()) {
            if (instance.current != null && Difference.needsNewRun(instance.current.spec, app.spec)) {
                instance.keptRun = instance.current.id;
            }
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
