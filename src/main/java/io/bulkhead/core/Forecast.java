package io.bulkhead.core;

import io.bulkhead.core.Trend.Floors;
import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Where the memory of a run leads. Judged by the floor after collections, so that a sawtooth is flat however high its teeth; a leak is
 * called one only when the floor has risen steadily, at a pace that does not slacken, for long enough to see as far as is told.
 *
 * @param kind what it is
 * @param bytesPerHour pace of the floor; 0 while it is too early, and where it is flat
 * @param secondsToLimit when the floor reaches the limit at that pace; only for a leak under a limit
 */
public record Forecast(Kind kind, long bytesPerHour, OptionalLong secondsToLimit) {

    public enum Kind {
        TOO_EARLY("too-early"),
        FLAT("flat"),
        GROWING("growing"),
        LEAK("leak");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        public String word() {
            return word;
        }
    }

    private static final long MINUTE = 60_000;

    /** What starts is not judged: modules load, pools fill. */
    private static final long LEAST_OBSERVED = 3 * MINUTE;

    /** Before, a cache that warms up looks the same; one that takes far longer than this is taken for a leak for a while. */
    private static final long LEAST_OBSERVED_FOR_LEAK = 10 * MINUTE;

    /** Nothing has ever been collected: it may be the first tooth of a slow saw, so more must be seen. */
    private static final long LEAST_OBSERVED_WITHOUT_COLLECTION = 20 * MINUTE;

    private static final double LEAST_GROWTH_WITHOUT_COLLECTION = 2;

    /** Floors needed for a pace, and for a leak: eight in rising order come by chance once in 40,000 times. */
    private static final int FEW_FLOORS = 3;

    private static final int ENOUGH_FLOORS = 8;

    /** Kendall's tau: 1 where every later floor is higher. */
    private static final double STEADY = 0.8;

    /** The second half's pace in parts of the first's; what fills up and stays, such as a cache, slackens. */
    private static final double UNSLACKENED = 0.75;

    /** How far it is seen ahead, in parts of what was observed. */
    private static final int FORESIGHT = 4;

    private static final int FORESIGHT_WITHOUT_COLLECTION = 3;

    /** A rise below this, or below a few times the scatter of the floors, is none. */
    private static final long LEAST_RISE = 2L << 20;

    private static final double RISE_IN_SCATTERS = 4;

    private static final Forecast EARLY = new Forecast(Kind.TOO_EARLY, 0, OptionalLong.empty());
    private static final Forecast FLAT = new Forecast(Kind.FLAT, 0, OptionalLong.empty());

    /** @param limit bytes; empty where there is none to be reached */
    public static Forecast of(Trend trend, OptionalLong limit) {
        if (trend.observedMillis() < LEAST_OBSERVED) {
            return EARLY;
        }
        boolean collects = trend.collections() > 0;
        Floors floors = collects ? trend.afterCollections() : trend.plain();
        if (floors.size() < FEW_FLOORS) {
            return EARLY;
        }
        double pace = pace(floors, 0, floors.size());
        double rise = pace * (floors.millis()[floors.size() - 1] - floors.millis()[0]);
        if (rise < Math.max(LEAST_RISE, RISE_IN_SCATTERS * scatter(floors, pace))) {
            return FLAT;
        }
        long perHour = Math.round(pace * 60 * MINUTE);
        Forecast growing = new Forecast(Kind.GROWING, perHour, OptionalLong.empty());
        if (trend.observedMillis() < LEAST_OBSERVED_FOR_LEAK
                || !isSteady(floors)
                || !(collects || isLongAndLarge(trend, floors))) {
            return growing;
        }
        if (limit.isEmpty()) {
            return new Forecast(Kind.LEAK, perHour, OptionalLong.empty());
        }
        double toLimit = (limit.getAsLong() - level(floors, pace, trend.observedMillis())) / pace;
        double foresight = (double) trend.observedMillis() * (collects ? FORESIGHT : FORESIGHT_WITHOUT_COLLECTION);
        return toLimit > foresight
                ? growing
                : new Forecast(Kind.LEAK, perHour, OptionalLong.of(Math.max(0, Math.round(toLimit / 1000))));
    }

    private static boolean isSteady(Floors floors) {
        int half = floors.size() / 2;
        return floors.size() >= ENOUGH_FLOORS
                && order(floors) >= STEADY
                && pace(floors, half, floors.size()) >= UNSLACKENED * pace(floors, 0, half);
    }

    private static boolean isLongAndLarge(Trend trend, Floors floors) {
        return trend.observedMillis() >= LEAST_OBSERVED_WITHOUT_COLLECTION
                && floors.bytes()[floors.size() - 1] >= LEAST_GROWTH_WITHOUT_COLLECTION * floors.bytes()[0];
    }

    /** Bytes a millisecond between {@code from} and {@code to}: the median of all pairs (Theil and Sen), which no outlier bends. */
    private static double pace(Floors floors, int from, int to) {
        double[] paces = new double[(to - from) * (to - from - 1) / 2];
        int n = 0;
        for (int i = from; i < to; i++) {
            for (int j = i + 1; j < to; j++) {
                paces[n++] =
                        (double) (floors.bytes()[j] - floors.bytes()[i]) / (floors.millis()[j] - floors.millis()[i]);
            }
        }
        return median(paces);
    }

    /** Kendall's tau: later and higher pairs less later and lower ones, in parts of all. */
    private static double order(Floors floors) {
        int balance = 0;
        int pairs = 0;
        for (int i = 0; i < floors.size(); i++) {
            for (int j = i + 1; j < floors.size(); j++) {
                balance += Long.signum(floors.bytes()[j] - floors.bytes()[i]);
                pairs++;
            }
        }
        return (double) balance / pairs;
    }

    /** How far floors lie off the line, typically. */
    private static double scatter(Floors floors, double pace) {
        double at = level(floors, pace, 0);
        double[] off = new double[floors.size()];
        for (int i = 0; i < off.length; i++) {
            off[i] = Math.abs(floors.bytes()[i] - at - pace * floors.millis()[i]);
        }
        return median(off);
    }

    /** Where the line through the floors stands at {@code millis}. */
    private static double level(Floors floors, double pace, long millis) {
        double[] levels = new double[floors.size()];
        for (int i = 0; i < levels.length; i++) {
            levels[i] = floors.bytes()[i] - pace * (floors.millis()[i] - millis);
        }
        return median(levels);
    }

    private static double median(double[] values) {
        if (values.length == 0) {
            return 0;
        }
        Arrays.sort(values);
        int middle = values.length / 2;
        return values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }
}
