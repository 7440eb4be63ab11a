package io.bulkhead.core;

import java.util.Arrays;

/**
 * Whether an instance that reached its drain mark is replaced. A value; each crossing gives the next one.
 *
 * <p>A leak is cured by a new run, a steady state above the mark is not: the new run stands there too, a moment later. SPEC section 2
 * therefore suspends draining when the mark is crossed again twice within ten minutes. From the third crossing on, a run is drained only
 * at its <em>last chance</em>, some way between mark and limit: what stands still between the two is left alone for as long as it does, and a
 * fast leak is still replaced gracefully, however often. Only what reaches even that within ten seconds of its start, ten times in a
 * row, is left to the kernel and so to the back-off: nothing that is started could do its work.
 *
 * @param before when the mark was crossed the last time but one, monotonic milliseconds
 * @param last when it was crossed last
 * @param suspended whether that was once too often
 * @param alerted whether the suspension has been told
 * @param hasty last chances in a row that were reached within {@link #HASTY_MILLIS} of a start
 */
record DrainPolicy(long before, long last, boolean suspended, boolean alerted, int hasty) {

    static final DrainPolicy CALM = new DrainPolicy(Long.MIN_VALUE, Long.MIN_VALUE, false, false, 0);

    static final long WINDOW_MILLIS = 10 * 60_000;
    static final long HASTY_MILLIS = 10_000;
    static final int MOST_HASTY = 10;

    private static final long MIB = 1 << 20;

    /** The mark was crossed, by this run or one before it. */
    DrainPolicy crossed(long now) {
        boolean again = before != Long.MIN_VALUE && now - before < WINDOW_MILLIS;
        return new DrainPolicy(last, now, again, again && alerted, hasty);
    }

    /** A run reached its last chance {@code livedMillis} after its start. */
    DrainPolicy atLastChance(long livedMillis) {
        return new DrainPolicy(before, last, suspended, alerted, livedMillis < HASTY_MILLIS ? hasty + 1 : 0);
    }

    /** Whether another drain would change nothing. */
    boolean hopeless() {
        return hasty > MOST_HASTY;
    }

    DrainPolicy told() {
        return new DrainPolicy(before, last, suspended, true, hasty);
    }

    /**
     * The limit whose drain mark is above {@code steady} bytes, where the mark keeps its share of the limit. A coarser figure than {@link
     * Headroom#fitting} gives: what stands still now has not shown its peak.
     */
    static long fittingLimit(long steady, long mark, long limit) {
        long least = Headroom.fitting(steady + 1, 0, mark, limit);
        long[] steps = {16 * MIB, 32 * MIB, 64 * MIB, 128 * MIB, 256 * MIB};
        long step = Arrays.stream(steps)
                .filter(each -> least <= each * 16)
                .findFirst()
                .orElse(512 * MIB);
        return Math.ceilDiv(least, step) * step;
    }
}
