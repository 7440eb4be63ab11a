package io.bulkhead.host;

import io.bulkhead.core.MemoryLevel;
import io.bulkhead.core.Trend;
import java.util.Optional;

/** What has been seen of one run's memory: the last looks, for its pace, and its trend. Times are those of {@link Loop#now}. */
final class MemoryTrack {

    /** So often at least it is really read what cannot be dropped. */
    static final long SLOT_MILLIS = 5_000;

    private static final int LOOKS = 16;
    private static final long PACE_MILLIS = 1_500;
    private static final long SHORTEST_PACE_MILLIS = 15;
    private static final long SHORTEST_GROWTH_MILLIS = 200;

    /** Where it leads, over its whole life. */
    final Trend trend = new Trend();

    private final long[] lookTimes = new long[LOOKS];
    private final long[] lookBytes = new long[LOOKS];
    private int looks;

    private long heldAt;

    /** When to look again. */
    long nextAt;
    /** From the last look to {@link #nextAt}. */
    long interval;
    /** The highest mark that was reported. */
    Optional<MemoryLevel> reported = Optional.empty();

    long reportedAt;
    boolean steadyTold;
    /** Since when it has been above a mark that is not reported yet; {@code Long.MAX_VALUE} when it is not. */
    long aboveSince = Long.MAX_VALUE;
    /** Highest use since {@link #reportedAt}. */
    long highestAbove;
    /** What could not be dropped at the last look. */
    long held;

    boolean unreadable;

    MemoryTrack(long now) {
        this.heldAt = now - SLOT_MILLIS;
        this.nextAt = now;
    }

    void looked(long now, long bytes) {
        held = bytes;
        lookTimes[looks % LOOKS] = now;
        lookBytes[looks % LOOKS] = bytes;
        looks++;
        heldAt = now;
        trend.add(now, bytes);
    }

    /**
     * Whether what is charged in all is not enough to know: it may be a new peak, or was not taken apart for long.
     *
     * @param charged page cache too, so never less than what cannot be dropped
     */
    boolean needsSample(long now, long charged) {
        return charged > trend.peak() || now - heldAt >= SLOT_MILLIS;
    }

    /** Bytes a second by which it has grown of late, the fastest that its last looks allow; 0 when it shrinks. */
    long pace() {
        return pace(SHORTEST_PACE_MILLIS);
    }

    /** The same, for people: over no shorter time than a fifth of a second. */
    long growth() {
        long growth = pace(SHORTEST_GROWTH_MILLIS);
        return growth > 0 ? growth : pace();
    }

    private long pace(long shortest) {
        if (looks < 2) {
            return 0;
        }
        int newest = (looks - 1) % LOOKS;
        long fastest = 0;
        for (int back = 1; back < Math.min(looks, LOOKS); back++) {
            int then = (looks - 1 - back) % LOOKS;
            long took = lookTimes[newest] - lookTimes[then];
            if (took > PACE_MILLIS && back > 1) {
                break;
            }
            if (took >= shortest) {
                fastest = Math.max(fastest, (lookBytes[newest] - lookBytes[then]) * 1000 / took);
            }
        }
        return fastest;
    }
}
