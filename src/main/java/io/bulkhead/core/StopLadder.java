package io.bulkhead.core;

/**
 * How a run is ended: asked once, killed when its grace period is over, killed again ever more slowly until it is gone. A value.
 *
 * @param askedAt monotonic milliseconds
 * @param graceMillis from the asking to the first kill
 * @param kills so far
 * @param killedAt the last time, monotonic milliseconds
 */
record StopLadder(long askedAt, long graceMillis, int kills, long killedAt) {

    /** A process in uninterruptible sleep takes no signal: asking it more often than this helps nobody. */
    static final long SLOWEST_MILLIS = 30_000;

    static StopLadder asked(long now, long graceMillis) {
        return new StopLadder(now, graceMillis, 0, 0);
    }

    /** When to kill, monotonic milliseconds. */
    long killAt() {
        return kills == 0
                ? askedAt + graceMillis
                : killedAt + Math.min(SLOWEST_MILLIS, 1000L << Math.min(kills - 1, 10));
    }

    StopLadder killed(long now) {
        return new StopLadder(askedAt, graceMillis, kills + 1, now);
    }
}
