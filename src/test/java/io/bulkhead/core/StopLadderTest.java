package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StopLadderTest {

    @Test
    void firstAskedThenKilledWhenTheGracePeriodIsOver() {
        assertThat(StopLadder.asked(1000, 30_000).killAt()).isEqualTo(31_000);
    }

    @Test
    void killedAgainEverMoreSlowlyButNeverLessThanTwiceAMinute() {
        StopLadder ladder = StopLadder.asked(0, 0).killed(0);
        assertThat(ladder.killAt()).isEqualTo(1000);
        ladder = ladder.killed(1000);
        assertThat(ladder.killAt()).isEqualTo(3000);
        for (int i = 0; i < 100; i++) {
            ladder = ladder.killed(10_000);
        }
        assertThat(ladder.killAt()).isEqualTo(40_000);
    }
}
