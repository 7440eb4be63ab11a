package io.bulkhead.core;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One copy of an app: what is wished of it, and its runs. Wishes and facts change these fields; {@link Pass} compares them and does
 * what follows. So no order of wishes can lose one: the last stands, whatever was under way.
 */
final class Instance {

    /** A wish that the present run be replaced. */
    record Replacing(Cause cause, boolean atOnce) {

        /** Because of what the present run does: when that one is gone, so is the wish. */
        boolean ofItsRun() {
            return cause == Cause.DRAIN || cause == Cause.UNHEALTHY;
        }
    }

    final InstanceId id;
    final App app;

    /** Whether it should run. */
    boolean wanted;
    /** Stopped by a person; holds until a person starts it. */
    boolean held;
    /** To be forgotten as soon as nothing of it runs. */
    boolean leaving;
    /** A one-shot that ended well. */
    boolean completed;
    /** Down for good, as `restart: never` or `max_attempts` says. */
    boolean gaveUp;
    /** A schedule fired while it ran: once more afterwards. */
    boolean queued;
    /** The host holds a keeper or compartment for it. */
    boolean occupied;

    /** The run that serves, or is to. */
    @Nullable
    Run current;
    /** Start-first: the run that takes over from {@link #current} when it is ready. */
    @Nullable
    Run replacement;
    /** Runs that we end. */
    final List<Run> draining = new ArrayList<>();

    @Nullable
    Replacing replacing;
    /** Of a run that is kept though the specification has changed, because its replacement failed. */
    String keptRun = "";
    /** Replaced in a roll and not settled yet: others wait for their turn. */
    boolean settling;

    Cause nextCause = Cause.START;
    DrainPolicy drains = DrainPolicy.CALM;
    RestartPacing pacing = RestartPacing.CALM;
    /** Not started before, monotonic milliseconds. */
    long notBefore;
    /** The last attempt was refused, and why. */
    Optional<Refusal> refusal = Optional.empty();
    /** The breaker's opening has been told. */
    boolean alerted;
    /** What it waits for, told once. */
    String toldWaiting = "";

    /** How often it has failed, by cause, since its incidents were resolved. */
    final Map<ExitCause, Integer> incidents = new EnumMap<>(ExitCause.class);
    /** Something may be open: at first an incident of a former daemon. */
    boolean unresolved = true;
    /** When it failed last, monotonic milliseconds. */
    long failedAt = Long.MIN_VALUE;

    Optional<LastExit> lastExit = Optional.empty();
    int restarts;
    /** Of the run that existed last; 0 before the first. */
    int lastPid;
    /** What the next daemon would be told. */
    InstanceMemory remembered = InstanceMemory.NONE;

    boolean everStarted;
    /** Turn in which the run was ordered that failed last; -1 before the first. */
    long failedRunTurn = -1;

    String failure = "";
    boolean failureIsRefusal;
    /** Turn in which it failed last; -1 before the first. */
    long failureTurn = -1;
    /** Turn in which it last ran to its end; -1 before the first. */
    long completedTurn = -1;

    Instance(InstanceId id, App app) {
        this.id = id;
        this.app = app;
    }

    boolean hasRuns() {
        return current != null || replacement != null || !draining.isEmpty();
    }

    List<Run> runs() {
        List<Run> runs = new ArrayList<>(draining);
        if (current != null) {
            runs.add(current);
        }
        if (replacement != null) {
            runs.add(replacement);
        }
        return runs;
    }

    boolean isReady() {
        return current != null && current.isReady();
    }

    /** Whether its present run must give way to a new one. */
    boolean needsReplacement() {
        return current != null && (replacing != null || runsAnotherSpec());
    }

    /** Whether its present run, when it ends by itself, has done what was wished. One above its drain mark or unhealthy has not: it was to be asked. */
    boolean awaitsEnd() {
        return runsAnotherSpec() || (current != null && replacing != null && !replacing.ofItsRun());
    }

    /** Why the run that replaces the present one is started. */
    Cause awaitedCause() {
        if (replacing != null) {
            return replacing.cause();
        }
        return app.goingBack ? Cause.ROLLBACK : Cause.APPLY;
    }

    private boolean runsAnotherSpec() {
        return current != null && !current.id.equals(keptRun) && current.isNo(app.spec);
    }

    /** Whether it rests for no other reason than that the host is short of memory. */
    boolean isShed() {
        return app.shed && wanted && !leaving;
    }

    /** Forgets crashes and refusals, so that the next attempt comes at once. */
    void calm() {
        pacing = RestartPacing.CALM;
        notBefore = 0;
        gaveUp = false;
        alerted = false;
        refusal = Optional.empty();
    }

    /** When {@code run} will have gone well for long enough to say that its instance's failures are over; monotonic milliseconds. */
    long wellAt(Run run) {
        return Math.max(run.startedAt, failedAt)
                + run.spec.restart().backoff().resetAfter().toMillis();
    }

    /** Says that its failures are over, where any may be open. */
    void resolve(Turn turn) {
        if (unresolved) {
            unresolved = false;
            incidents.clear();
            turn.add(new Effect.ResolveIncidents(id));
        }
    }

    /** {@code worker} where the app has one instance, else {@code worker/2}. */
    String label() {
        return app.spec.instances() == 1 && id.index() == 0 ? id.app() : id.toString();
    }
}
