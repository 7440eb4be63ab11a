package io.bulkhead.core;

import java.util.Arrays;

/**
 * What the memory of one run has left over after collections, as far back as it lives, in under a kilobyte: the lowest use of each
 * of up to 48 windows, which are doubled in width when there are more. Knows no clock: times are milliseconds that only grow.
 */
public final class Trend {

    static final int WINDOWS = 48;

    private static final long FIRST_WIDTH_MILLIS = 1_000;
    private static final long EMPTY = Long.MAX_VALUE;

    /** Less than this coming free is not called a collection, whatever its share. */
    private static final long LEAST_COLLECTED = 1L << 20;

    /** Part of what was gained since the last floor that must come free in one go. */
    private static final double COLLECTED_SHARE = 0.2;

    private final long[] floors = new long[WINDOWS];
    private final byte[] collections = new byte[WINDOWS];
    private long width = FIRST_WIDTH_MILLIS;
    private long begin = -1;
    private long last;
    private long peak;
    private long latest;

    /** The highest use since the last floor, and that floor: a collection is a fall from the one towards the other. */
    private long top;

    private long floor;

    public Trend() {
        Arrays.fill(floors, EMPTY);
    }

    /**
     * Takes in one look.
     *
     * @param millis not before the look before
     * @param bytes in use that cannot be dropped
     */
    public void add(long millis, long bytes) {
        if (begin < 0) {
            begin = millis;
            top = bytes;
            floor = bytes;
        }
        last = Math.max(last, millis);
        latest = bytes;
        peak = Math.max(peak, bytes);
        while ((last - begin) / width >= WINDOWS) {
            widen();
        }
        int window = (int) ((last - begin) / width);
        floors[window] = Math.min(floors[window], bytes);
        if (hasCollected(bytes) && collections[window] < Byte.MAX_VALUE) {
            collections[window]++;
        }
    }

    /** The highest use seen. */
    public long peak() {
        return peak;
    }

    /** The use seen last. */
    public long latest() {
        return latest;
    }

    /** Milliseconds between the first look and the last. */
    public long observedMillis() {
        return begin < 0 ? 0 : last - begin;
    }

    private boolean hasCollected(long bytes) {
        if (bytes >= top) {
            top = bytes;
            return false;
        }
        if (top - bytes >= Math.max(LEAST_COLLECTED, (long) ((top - floor) * COLLECTED_SHARE))) {
            top = bytes;
            floor = bytes;
            return true;
        }
        return false;
    }

    private void widen() {
        for (int i = 0; i < WINDOWS / 2; i++) {
            floors[i] = Math.min(floors[2 * i], floors[2 * i + 1]);
            collections[i] = (byte) Math.min(Byte.MAX_VALUE, collections[2 * i] + collections[2 * i + 1]);
        }
        Arrays.fill(floors, WINDOWS / 2, WINDOWS, EMPTY);
        Arrays.fill(collections, WINDOWS / 2, WINDOWS, (byte) 0);
        width *= 2;
    }

    /** Points of the floor: when, in milliseconds since the first look, and how much. */
    record Floors(long[] millis, long[] bytes) {

        int size() {
            return bytes.length;
        }
    }

    /** The lowest use of each window that was looked at. */
    Floors plain() {
        Points points = new Points();
        for (int i = 0; i < WINDOWS; i++) {
            points.lower(i, floors[i]);
            points.next();
        }
        return points.floors();
    }

    /**
     * The lowest use between collections: of as many windows as it takes to hold one. What lies before the first collection and after the
     * last one is no floor.
     */
    Floors afterCollections() {
        Points points = new Points();
        boolean first = true;
        for (int i = 0; i < WINDOWS; i++) {
            points.lower(i, floors[i]);
            if (collections[i] > 0) {
                if (first) {
                    points.forget();
                } else {
                    points.next();
                }
                first = false;
            }
        }
        return points.floors();
    }

    int collections() {
        int all = 0;
        for (byte each : collections) {
            all += each;
        }
        return all;
    }

    /** Floors on their way. */
    private final class Points {
        private final long[] millis = new long[WINDOWS];
        private final long[] bytes = new long[WINDOWS];
        private int size;
        private long lowest = EMPTY;
        private long at;

        void lower(int window, long floor) {
            if (floor < lowest) {
                lowest = floor;
                at = window * width + width / 2;
            }
        }

        void next() {
            if (lowest < EMPTY) {
                millis[size] = at;
                bytes[size++] = lowest;
            }
            forget();
        }

        void forget() {
            lowest = EMPTY;
        }

        Floors floors() {
            return new Floors(Arrays.copyOf(millis, size), Arrays.copyOf(bytes, size));
        }
    }
}
