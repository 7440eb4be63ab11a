package io.bulkhead.host;

import io.bulkhead.core.MemoryLevel;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What has been seen of one run's memory: the last looks, for its pace, and a ring of samples, for its trend. Times are those of
 * {@link Loop#now}.
 */
final class MemoryTrack {

    /**
     * Unreclaimable bytes during {@link #SLOT_MILLIS}: what a leak and a sawtooth differ in is the lowest.
     *
     * @param atMillis when the slot began, as {@link Loop#now} counts
     */
    record Sample(long atMillis, long lowest, long highest) {}

    static final long SLOT_MILLIS = 5_000;
    /** An hour of them. */
    static final int MOST_SAMPLES = 720;

    private static final int LOOKS = 16;
    private static final long PACE_MILLIS = 1_500;
    private static final long SHORTEST_PACE_MILLIS = 15;
    private static final long SHORTEST_TREND_MILLIS = 200;
    private static final int KIB = 1024;

    private final long bornAt;
    private final long[] lookTimes = new long[LOOKS];
    private final long[] lookBytes = new long[LOOKS];
    private int looks;

    // Whole KiB and slots since bornAt: three ints a sample. Grown as needed: most runs of a bad day live for seconds.
    private int[] slots = new int[12];
    private int[] lowest = new int[12];
    private int[] highest = new int[12];
    private long slotsMade;

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
        this.bornAt = now;
        this.nextAt = now;
    }

    void looked(long now, long bytes) {
        held = bytes;
        lookTimes[looks % LOOKS] = now;
        lookBytes[looks % LOOKS] = bytes;
        looks++;
        int slot = (int) ((now - bornAt) / SLOT_MILLIS);
        int kib = (int) Math.min(Integer.MAX_VALUE, bytes / KIB);
        int at = last();
        if (slotsMade > 0 && slots[at] == slot) {
            lowest[at] = Math.min(lowest[at], kib);
            highest[at] = Math.max(highest[at], kib);
            return;
        }
        if (slotsMade == slots.length && slots.length < MOST_SAMPLES) {
            int more = Math.min(MOST_SAMPLES, slots.length * 4);
            slots = java.util.Arrays.copyOf(slots, more);
            lowest = java.util.Arrays.copyOf(lowest, more);
            highest = java.util.Arrays.copyOf(highest, more);
        }
        slotsMade++;
        slots[last()] = slot;
        lowest[last()] = kib;
        highest[last()] = kib;
    }

    /** Whether the slot of {@code now} has no sample yet. */
    boolean needsSample(long now) {
        return slotsMade == 0 || slots[last()] != (int) ((now - bornAt) / SLOT_MILLIS);
    }

    private int last() {
        return (int) ((slotsMade + slots.length - 1) % slots.length);
    }

    /** Bytes a second by which it has grown of late, the fastest that its last looks allow; 0 when it shrinks. */
    long pace() {
        return pace(SHORTEST_PACE_MILLIS);
    }

    /** The same, for people: over no shorter time than a fifth of a second. */
    long trend() {
        long trend = pace(SHORTEST_TREND_MILLIS);
        return trend > 0 ? trend : pace();
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

    /** Oldest first. */
    List<Sample> samples() {
        List<Sample> samples = new ArrayList<>();
        for (long i = Math.max(0, slotsMade - slots.length); i < slotsMade; i++) {
            int at = (int) (i % slots.length);
            samples.add(
                    new Sample(bornAt + slots[at] * SLOT_MILLIS, (long) lowest[at] * KIB, (long) highest[at] * KIB));
        }
        return samples;
    }
}
