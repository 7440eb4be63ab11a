package io.bulkhead.host;

import io.bulkhead.core.MemoryLevel;
import io.bulkhead.core.Trend;
import io.bulkhead.linux.MemoryEvents;
import java.util.Optional;

/** What has been seen of one run's memory: the last looks, for its pace, and its trend. Times are those of {@link Loop#now}. */
final class MemoryTrack {

    /** So often at least it is really read what cannot be dropped. */
    static final long SLOT_MILLIS = 5_000;

    private static final int LOOKS = 16;
    private static final long PACE_MILLIS = 1_500;
    private static final long SHORTEST_PACE_MILLIS = 15;

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

    /** The kernel's notice of growth, and the use at which it comes; 0: none is asked for. */
    Optional<MemoryEvents.Watch> notice = Optional.empty();

    long noticeAt;
    boolean unreadable;

    MemoryTrack(long now) {
        this.heldAt = now - SLOT_MILLIS;
        this.nextAt = now;
    }

    void looked(long now, long bytes) {
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

    /** Bytes a second by which it has grown of late, the faster of its last step and of its last second and a half; 0 when it shrinks. */
    long pace() {
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
            boolean step = back == 1 || back == Math.min(looks, LOOKS) - 1 || took > PACE_MILLIS / 2;
            if (step && took >= SHORTEST_PACE_MILLIS) {
                fastest = Math.max(fastest, (lookBytes[newest] - lookBytes[then]) * 1000 / took);
            }
        }
        return fastest;
    }
}
