package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Ready;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One life of an instance's program, from the order to start it until nothing of it is left. */
final class Run {

    enum Phase {
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
        SHED("shed: the host ran out of memory"),
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
    /** It has said or shown that it is ready. */
    boolean saidReady;

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

    @Nullable
    Ending ending;
    /** Where it stands on the way down; a run that is still spawning cannot be asked yet. */
    @Nullable
    StopLadder ladder;

    Run(String id, Instance instance, AppSpec spec, Cause cause, long turn) {
        this.id = id;
        this.instance = instance;
        this.spec = spec;
        this.cause = cause;
        this.turn = turn;
    }

    boolean above(MemoryLevel level) {
        return mark.isPresent() && mark.get().level().compareTo(level) >= 0;
    }

    boolean isReady() {
        return phase == Phase.READY && ending == null;
    }

    /** When it is ready by its age alone, if it is started at {@code start}; {@code Long.MAX_VALUE} where its age says nothing. */
    long readyAt(long start) {
        return spec.ready() instanceof Ready.After(Duration time) ? start + time.toMillis() : Long.MAX_VALUE;
    }

    long lived(long now) {
        return phase == Phase.SPAWNING ? 0 : now - startedAt;
    }
}
