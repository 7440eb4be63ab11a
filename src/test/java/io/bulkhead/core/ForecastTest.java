package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.bulkhead.core.Forecast.Kind;
import java.util.EnumSet;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Judged after every look: a false alarm in between is a false alarm. */
class ForecastTest {

    private static final long MIB = 1L << 20;
    private static final long MINUTE = 60_000;
    private static final OptionalLong LIMIT = OptionalLong.of(512 * MIB);

    /** Every kind that was ever told while {@code minutes} of {@code use} (of milliseconds) went by, a look each second. */
    private static Set<Kind> told(int minutes, LongUnaryOperator use) {
        Trend trend = new Trend();
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        for (long at = 0; at <= minutes * MINUTE; at += 1000) {
            trend.add(at, use.applyAsLong(at));
            if (at % 10_000 == 0) {
                kinds.add(Forecast.of(trend, LIMIT).kind());
            }
        }
        return kinds;
    }

    /** Rises from {@code low} by {@code height} and falls back, over and over. */
    private static LongUnaryOperator saw(long low, long height, long periodMillis) {
        return at -> low + height * (at % periodMillis) / periodMillis;
    }

    @ParameterizedTest
    @ValueSource(longs = {2_000, 5_000, 7_300, 30_000, 61_000, 5 * MINUTE, 11 * MINUTE, 19 * MINUTE})
    void aSawtoothIsNeverALeak(long period) {
        assertThat(told(240, saw(60 * MIB, 350 * MIB, period))).doesNotContain(Kind.LEAK);
        assertThat(told(240, saw(200 * MIB, 20 * MIB, period))).doesNotContain(Kind.LEAK);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void noUnevenSawtoothIsALeak(long seed) {
        Random random = new Random(seed);
        long[] state = {60 * MIB, 200 * MIB};
        assertThat(told(300, at -> {
                    state[0] += random.nextLong(2 * MIB);
                    if (state[0] > state[1]) {
                        state[0] = 55 * MIB + random.nextLong(10 * MIB);
                        state[1] = 100 * MIB + random.nextLong(300 * MIB);
                    }
                    return state[0];
                }))
                .doesNotContain(Kind.LEAK);
    }

    @ParameterizedTest
    @ValueSource(longs = {3_000, 20_000, 90_000})
    void aLeakUnderASawtoothIsFoundWithItsTime(long period) {
        double perMilli = 2.0 * MIB / MINUTE;
        LongUnaryOperator saw = saw(60 * MIB, 80 * MIB, period);
        Trend trend = new Trend();
        boolean found = false;
        for (long at = 0; at < 200 * MINUTE; at += 1000) {
            trend.add(at, saw.applyAsLong(at) + (long) (at * perMilli));
            Forecast forecast = Forecast.of(trend, LIMIT);
            if (forecast.kind() == Kind.LEAK) {
                double truly = (452 * MIB - at * perMilli) / perMilli / 1000;
                assertThat((double) forecast.secondsToLimit().getAsLong())
                        .as("after %d min", at / MINUTE)
                        .isCloseTo(truly, within(truly * 0.2));
                found = true;
            } else {
                assertThat(found)
                        .as("found once, it stays found: %s after %d min", forecast, at / MINUTE)
                        .isFalse();
            }
        }
        assertThat(found).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14})
    void aLeakUnderNoiseIsFoundWithItsTime(long seed) {
        Random random = new Random(seed);
        double perMilli = 4.0 * MIB / MINUTE;
        Trend trend = new Trend();
        for (long at = 0; at < 60 * MINUTE; at += 1000) {
            trend.add(at, 80 * MIB + (long) (at * perMilli) + random.nextLong(40 * MIB));
        }
        Forecast forecast = Forecast.of(trend, LIMIT);
        assertThat(forecast.kind()).isEqualTo(Kind.LEAK);
        double truly = (432 * MIB - 60 * MINUTE * perMilli) / perMilli / 1000;
        assertThat((double) forecast.secondsToLimit().getAsLong()).isCloseTo(truly, within(truly * 0.2));
        assertThat((double) forecast.bytesPerHour()).isCloseTo(240.0 * MIB, within(24.0 * MIB));
    }

    @Test
    void aSlowLeakIsATrendUntilItsEndComesInSight() {
        Trend trend = new Trend();
        LongUnaryOperator saw = saw(60 * MIB, 30 * MIB, 20_000);
        for (long at = 0; at < 30 * MINUTE; at += 1000) {
            trend.add(at, saw.applyAsLong(at) + at * MIB / MINUTE / 2);
        }
        Forecast forecast = Forecast.of(trend, LIMIT);
        assertThat(forecast.kind()).isEqualTo(Kind.GROWING);
        assertThat((double) forecast.bytesPerHour()).isCloseTo(30.0 * MIB, within(4.0 * MIB));
        assertThat(forecast.secondsToLimit()).isEmpty();
    }

    @Test
    void whatIsNeverCollectedIsALeakOnlyAfterLong() {
        Trend trend = new Trend();
        for (long at = 0; at < 60 * MINUTE; at += 1000) {
            trend.add(at, 40 * MIB + at * 4 * MIB / MINUTE);
            Forecast forecast = Forecast.of(trend, LIMIT);
            if (at < 20 * MINUTE) {
                assertThat(forecast.kind()).isIn(Kind.TOO_EARLY, Kind.GROWING);
            }
        }
        Forecast forecast = Forecast.of(trend, LIMIT);
        assertThat(forecast.kind()).isEqualTo(Kind.LEAK);
        assertThat(forecast.secondsToLimit().getAsLong()).isBetween(46 * 60L, 70 * 60L);
    }

    @Test
    void nothingElseIsALeak() {
        Random random = new Random(3);
        assertThat(told(240, at -> 100 * MIB + random.nextLong(30 * MIB))).isSubsetOf(Kind.TOO_EARLY, Kind.FLAT);
        assertThat(told(240, at -> 100 * MIB)).isSubsetOf(Kind.TOO_EARLY, Kind.FLAT);
        assertThat(told(240, at -> (at < 40 * MINUTE ? 100 : 300) * MIB)).doesNotContain(Kind.LEAK);
        assertThat(told(240, at -> (at < 40 * MINUTE ? 100 : 300) * MIB + random.nextLong(20 * MIB)))
                .doesNotContain(Kind.LEAK);
        assertThat(told(240, at -> 300 * MIB - at / 100)).doesNotContain(Kind.LEAK, Kind.GROWING);
    }

    @ParameterizedTest
    @ValueSource(longs = {20_000, MINUTE, 3 * MINUTE, 10 * MINUTE, 15 * MINUTE})
    void aCacheThatWarmsUpIsNoLeak(long tau) {
        LongUnaryOperator saw = saw(60 * MIB, 40 * MIB, 20_000);
        Random random = new Random(tau);
        LongUnaryOperator warm = at -> (long) (300 * MIB * (1 - Math.exp(-(double) at / tau)));
        assertThat(told(180, at -> 60 * MIB + warm.applyAsLong(at))).doesNotContain(Kind.LEAK);
        assertThat(told(180, at -> saw.applyAsLong(at) + warm.applyAsLong(at))).doesNotContain(Kind.LEAK);
        assertThat(told(180, at -> saw.applyAsLong(at) + warm.applyAsLong(at) + random.nextLong(4 * MIB)))
                .doesNotContain(Kind.LEAK);
    }

    @Test
    void withoutALimitThereIsNoTime() {
        Trend trend = new Trend();
        LongUnaryOperator saw = saw(60 * MIB, 30 * MIB, 20_000);
        for (long at = 0; at < 60 * MINUTE; at += 1000) {
            trend.add(at, saw.applyAsLong(at) + at * 4 * MIB / MINUTE);
        }
        assertThat(Forecast.of(trend, OptionalLong.empty()))
                .satisfies(forecast -> assertThat(forecast.kind()).isEqualTo(Kind.LEAK))
                .satisfies(forecast -> assertThat(forecast.secondsToLimit()).isEmpty());
    }

    @Test
    void looksMayBeRareAndUneven() {
        Random random = new Random(5);
        Trend trend = new Trend();
        LongUnaryOperator saw = saw(60 * MIB, 30 * MIB, 17_000);
        long at = 0;
        while (at < 90 * MINUTE) {
            trend.add(at, saw.applyAsLong(at) + at * 4 * MIB / MINUTE);
            at += 100 + random.nextLong(30_000);
        }
        assertThat(Forecast.of(trend, OptionalLong.of(600 * MIB)).kind()).isEqualTo(Kind.LEAK);
        assertThat(trend.peak()).isBetween(400 * MIB, 460 * MIB);
    }

    @Test
    void beforeAnythingWasSeenItIsTooEarly() {
        assertThat(Forecast.of(new Trend(), LIMIT).kind()).isEqualTo(Kind.TOO_EARLY);
    }
}
