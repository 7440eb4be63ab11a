package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FdTrackTest {

    private interface Figure {
        int at(int second);
    }

    private static FdTrack watched(int seconds, Figure figure) {
        FdTrack track = new FdTrack();
        for (int second = 0; second < seconds; second += 4) {
            track.saw(second * 1000L, figure.at(second), 0);
        }
        return track;
    }

    @Test
    void oneSocketASecondIsALeak() {
        FdTrack track = watched(13 * 60, second -> 40 + second);
        assertThat(track.growth()).isBetween(580, 620);
        assertThat(track.perHour().orElseThrow()).isBetween(3500, 3700);
        assertThat(track.count()).isEqualTo(40 + 776);
    }

    @Test
    void aPoolThatFillsAndLoadThatSwaysAreNone() {
        assertThat(watched(3600, second -> Math.min(300, 40 + second)).growth()).isZero();
        assertThat(watched(3600, second -> 200 + (int) (150 * Math.sin(second / 90.0)))
                        .growth())
                .isZero();
        assertThat(watched(3600, second -> 40 + second / 60).growth())
                .as("60 in an hour")
                .isZero();
    }

    @Test
    void aFewMinutesSayNothing() {
        assertThat(watched(120, second -> 40 + second).growth()).isZero();
        assertThat(watched(60, second -> 40).perHour()).isEmpty();
    }
}
