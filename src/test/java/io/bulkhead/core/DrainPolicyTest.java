package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How often a run is replaced for its memory, and which limit would end it. */
class DrainPolicyTest {

    private static final long MIB = 1 << 20;
    private static final long MINUTE = 60_000;

    @Test
    void theThirdCrossingWithinTenMinutesSuspends() {
        DrainPolicy policy = DrainPolicy.CALM.crossed(0).crossed(MINUTE);
        assertThat(policy.suspended()).isFalse();
        assertThat(policy.crossed(10 * MINUTE - 1).suspended()).isTrue();
        assertThat(policy.crossed(10 * MINUTE).suspended()).isFalse();
    }

    @Test
    void aSlowLeakIsDrainedAtTheMarkForEver() {
        DrainPolicy policy = DrainPolicy.CALM;
        for (int crossing = 0; crossing < 100; crossing++) {
            policy = policy.crossed(crossing * 6 * MINUTE);
            assertThat(policy.suspended()).isFalse();
        }
    }

    @Test
    void whatWasToldIsToldAgainInTheNextSuspensionOnly() {
        DrainPolicy policy = DrainPolicy.CALM.crossed(0).crossed(1).crossed(2).told();
        assertThat(policy.crossed(3).alerted()).isTrue();
        assertThat(policy.crossed(3).crossed(20 * MINUTE).crossed(40 * MINUTE).alerted())
                .isFalse();
    }

    @Test
    void tenHastyRunsInARowAreEnough() {
        DrainPolicy policy = DrainPolicy.CALM;
        for (int run = 0; run < 10; run++) {
            policy = policy.atLastChance(DrainPolicy.HASTY_MILLIS - 1);
            assertThat(policy.hopeless()).isFalse();
        }
        assertThat(policy.atLastChance(DrainPolicy.HASTY_MILLIS - 1).hopeless()).isTrue();
        assertThat(policy.atLastChance(DrainPolicy.HASTY_MILLIS).hopeless()).isFalse();
    }

    @Test
    void theFittingLimitIsRoundAndKeepsTheMarksShare() {
        assertThat(DrainPolicy.fittingLimit(110 * MIB, 102 * MIB, 128 * MIB)).isEqualTo(144 * MIB);
        assertThat(DrainPolicy.fittingLimit(460 * MIB, 409 * MIB, 512 * MIB)).isEqualTo(576 * MIB);
        assertThat(DrainPolicy.fittingLimit(6 * MIB, 5 * MIB, 8 * MIB))
                .as("what memory recommends is no less")
                .isEqualTo(Headroom.fitting(6 * MIB, 0, 5 * MIB, 8 * MIB));
        for (long steady = MIB; steady < 100_000 * MIB; steady = steady * 3 / 2 + 7) {
            long fits = DrainPolicy.fittingLimit(steady, 80, 100);
            assertThat(fits * 8 / 10).isGreaterThan(steady);
            assertThat(fits).isLessThan(Math.max(49 * MIB, steady * 10 / 8 * 5 / 4 + 17 * MIB));
        }
    }
}
