package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.RestartPacing.Verdict;
import io.bulkhead.spec.AppSpec.Backoff;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RestartPacingTest {

    private static final long SHORT = 10;
    private static final long LONG = 1000;

    private final Random random = new Random(1);
    private final Backoff defaults = backoff(0);

    private static Backoff backoff(int attempts) {
        return new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30), Duration.ofSeconds(60), attempts);
    }

    private RestartPacing after(Backoff backoff, long... lives) {
        RestartPacing pacing = RestartPacing.CALM;
        for (long lived : lives) {
            pacing = pacing.crashed(lived, backoff, random);
        }
        return pacing;
    }

    @Test
    void aLoneCrashAfterALifeOfASecondIsAnsweredAtOnce() {
        assertThat(after(defaults, LONG)).isEqualTo(new RestartPacing(1, 0, Verdict.AT_ONCE, 0));
    }

    @Test
    void aProgramThatDiesWithinASecondWaitsFromTheFirstTime() {
        assertThat(after(defaults, 999).verdict()).isEqualTo(Verdict.PAUSE);
        assertThat(after(defaults, 999).pauseMillis()).isBetween(90L, 110L);
    }

    @Test
    void thenFirstThenDoublingUpToMax() {
        assertThat(after(defaults, LONG, LONG).pauseMillis()).isBetween(90L, 110L);
        assertThat(after(defaults, LONG, LONG, SHORT).pauseMillis()).isBetween(180L, 220L);
        assertThat(after(defaults, LONG, LONG, LONG, LONG).pauseMillis()).isBetween(360L, 440L);
        Backoff low = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(60), 0);
        for (int i = 0; i < 1000; i++) {
            assertThat(after(low, SHORT, SHORT, SHORT, SHORT).pauseMillis()).isBetween(2700L, 3000L);
        }
    }

    @Test
    void jitterKeepsInstancesApart() {
        assertThat(after(defaults, 1, 1, 1, 1, 1).pauseMillis())
                .isNotEqualTo(after(defaults, 1, 1, 1, 1, 1).pauseMillis());
    }

    @Test
    void tenInARowOpenTheBreakerAndItStaysOpen() {
        assertThat(after(defaults, 1, 1, 1, 1, 1, 1, 1, 1, 1).verdict()).isEqualTo(Verdict.PAUSE);
        RestartPacing tenth = after(defaults, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(tenth.breakerOpen()).isTrue();
        assertThat(tenth.pauseMillis()).isEqualTo(300_000);
        // Five minutes pass until the next attempt: that alone ends no row.
        assertThat(tenth.crashed(59_999, defaults, random).verdict()).isEqualTo(Verdict.BREAKER);
    }

    @Test
    void aStableRunEndsTheRow() {
        RestartPacing tenth = after(defaults, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1);
        assertThat(tenth.crashed(60_000, defaults, random).verdict()).isEqualTo(Verdict.AT_ONCE);
        assertThat(tenth.overAfter(59_999, defaults)).isFalse();
        assertThat(tenth.overAfter(60_000, defaults)).isTrue();
    }

    @Test
    void maxAttemptsIsTheNumberOfRestartsInARow() {
        assertThat(after(backoff(2), 1, 1).verdict()).isEqualTo(Verdict.PAUSE);
        assertThat(after(backoff(2), 1, 1, 1).verdict()).isEqualTo(Verdict.GIVE_UP);
        assertThat(after(backoff(2), 1, 1, 60_000, 1).verdict()).isEqualTo(Verdict.PAUSE);
    }
}
