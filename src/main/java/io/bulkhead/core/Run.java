package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Ready;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One life of an instance's program, from the order to start it until nothing of it is left. */
final class Run {

    enum Phase {
        /** Its {@code pre_start} runs. */
        PREPARING,
        /** Ordered; the host has not answered. */
        SPAWNING,
        STARTING,
        READY
    }

    /** How far it is on the way to be replaced for its memory. */
    enum Drain {
        NONE,
        /** The host does what comes before the stop. */
        PREPARING,
        PREPARED
    }

    /** Why we end it. */
    enum Ending {
        STOP("stopping"),
        REPLACE("being replaced"),
        DRAIN("being replaced: above its drain mark"),
        UNHEALTHY("being replaced: unhealthy"),
        SHED("shed: the host ran out of memory"),
        FAILED("failed as a replacement"),
        ABANDON("no longer wanted as a replacement");

        final String words;

        Ending(String words) {
            this.words = words;
        }
    }

    final String id;
    final Instance instance;
    final Cause cause;
    /** Number of the turn in which it was ordered. */
    final long turn;

    /** What it was started with, and what has been changed on it since. */
    AppSpec spec;

    Phase phase = Phase.SPAWNING;
    /** Id of the hook that it waits for: {@code pre_start} or {@code pre_stop}; 0: none. */
    long hook;
    /** Found alive by this daemon. */
    boolean adopted;
    /** It must not serve before it is admitted. */
    boolean gated;

    boolean admitted;
    /** It has said or shown that it is ready. */
    boolean saidReady;
    /** Monotonic milliseconds, once it is ready. */
    long readySince;
    /** That it is not ready in time has been told. */
    boolean lateTold;
    /** Process id of the run before it, 0 where there was none. */
    int formerPid;

    final HealthPolicy health = new HealthPolicy();
    /** Its last check was well. */
    boolean well;
    /** Since when that is so or not, monotonic milliseconds. */
    long wellSince;
    /** What its last check said, where it was not well. */
    String trouble = "";
    /** As {@link #health} says. */
    boolean unhealthy;
    /** What follows from that has been decided. */
    boolean answered;
    /** That nothing follows for now has been told. */
    boolean awayTold;
    /** Not replaced for it before, monotonic milliseconds. */
    long unhealthyFrom;
    /** The host writes down why it hangs. */
    boolean recording;

    int pid;
    long startedAt;
    long startedWall;
    /** Monotonic time at which it is too old; {@code Long.MAX_VALUE} without a max_age. */
    long tooOldAt = Long.MAX_VALUE;

    /** The kernel killed a process of its tree, so that the rest is being ended ({@code oom_kill: group}). */
    Optional<Event.ChildKilled> broken = Optional.empty();
    /** The highest mark of its memory that it is above. */
    Optional<MarkReached> mark = Optional.empty();
    /** What follows from {@link #mark} has been decided. */
    boolean judged;
    /** Counted as a crossing of the drain mark. */
    boolean crossed;

    Drain drain = Drain.NONE;
    /** Not drained before, monotonic milliseconds. */
    long drainsFrom;
    /** There is no memory for a second run beside it. */
    boolean alone;
    /** Its program has opened its address, so that a second run beside it cannot. */
    boolean opensItself;

    @Nullable
    Ending ending;
    /** Where it stands on the way down; a run that is still spawning cannot be asked yet. */
    @Nullable
    StopLadder ladder;

    private final Compared compared = new Compared();

    Run(String id, Instance instance, AppSpec spec, Cause cause, long turn) {
        this.id = id;
        this.instance = instance;
        this.spec = spec;
        this.cause = cause;
        this.turn = turn;
    }

    /** Whether it must be replaced to become one of {@code next}. */
    boolean isNo(AppSpec next) {
        return compared.needsNewRun(spec, next);
    }

    boolean above(MemoryLevel level) {
        return mark.isPresent() && mark.get().level().compareTo(level) >= 0;
    }

    /** The host has said that its program is there. */
    boolean exists() {
        return phase == Phase.STARTING || phase == Phase.READY;
    }

    boolean isReady() {
        return phase == Phase.READY && ending == null;
    }

    /** When it is ready by its age alone, if it is started at {@code start}; {@code Long.MAX_VALUE} where its age says nothing. */
    long readyAt(long start) {
        return spec.ready() instanceof Ready.After(Duration time) ? start + time.toMillis() : Long.MAX_VALUE;
    }

    long lived(long now) {
        return exists() ? now - startedAt : 0;
    }
}
