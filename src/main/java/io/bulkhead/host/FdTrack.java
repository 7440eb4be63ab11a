package io.bulkhead.host;

import java.util.ArrayDeque;
import java.util.Optional;

/**
 * How many descriptors a run has open, over time: the lowest figure of each of the last minutes. What is lowest in a minute is not a peak of load; a leak is what raises it
 * minute after minute.
 */
final class FdTrack {

    static final int MINUTES = 10;
    private static final long MINUTE_MILLIS = 60_000;

    /** Fewer are a pool that fills, or a cache of files. */
    private static final int LEAST_GROWTH = 100;

    private final ArrayDeque<Integer> floors = new ArrayDeque<>();
    private long minuteEnds = Long.MIN_VALUE;
    private int floor = Integer.MAX_VALUE;
    private int count;
    private int limit;
    /** Told once a run. */
    boolean growthTold;

    boolean limitTold;

    /**
     * @param now ms of a clock that only grows
     * @param count of all processes together
     * @param limit of the process that is nearest to its own; 0: not known
     */
    void saw(long now, int count, int limit) {
        this.count = count;
        this.limit = limit;
        if (minuteEnds == Long.MIN_VALUE) {
            minuteEnds = now + MINUTE_MILLIS;
        }
        if (now >= minuteEnds) {
            if (floor != Integer.MAX_VALUE) {
                floors.add(floor);
            }
            if (floors.size() > MINUTES + 1) {
                floors.remove();
            }
            floor = Integer.MAX_VALUE;
            minuteEnds = now + MINUTE_MILLIS;
        }
        floor = Math.min(floor, count);
    }

    int count() {
        return count;
    }

    int limit() {
        return limit;
    }

    /** How fast its floor rises or falls, per hour; empty in the first minutes. */
    Optional<Integer> perHour() {
        return floors.size() < 3
                ? Optional.empty()
                : Optional.of((floors.getLast() - floors.getFirst()) * 60 / (floors.size() - 1));
    }

    /** Descriptors that came in ten minutes of which each had more than the one before; 0 where it is not so. */
    int growth() {
        if (floors.size() <= MINUTES) {
            return 0;
        }
        int before = -1;
        for (int each : floors) {
            if (each <= before) {
                return 0;
            }
            before = each;
        }
        int growth = floors.getLast() - floors.getFirst();
        return growth >= Math.max(LEAST_GROWTH, floors.getFirst() / 2) ? growth : 0;
    }
}
