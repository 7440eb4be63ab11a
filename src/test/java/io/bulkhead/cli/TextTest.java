package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TextTest {

    @Test
    void nothingThatSteersATerminalPasses() {
        assertThat(Text.safe("a\u001b]0;title\u0007b\u009b31m\rc\u202ed\u0000"))
                .isEqualTo("a\\x1b]0;title\\x07b\\x9b31m\\x0dc\\u202ed\\x00");
        assertThat(Text.safe("plain ü 漢字 😀")).isEqualTo("plain ü 漢字 😀");
        assertThat(Text.safeLine("\u001b[1;32mok\u001b[0m\t\u001b[2J\u001b[31"))
                .isEqualTo("\u001b[1;32mok\u001b[0m\t\\x1b[2J\\x1b[31");
    }

    @Test
    void safeTextHoldsNoControlsWhateverComes() {
        for (long seed = 0; seed < 50_000; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append(
                        random.nextBoolean()
                                ? "\u001b[;3m\u009b".charAt(random.nextInt(6))
                                : (char) random.nextInt(0x3000));
            }
            assertThat(Text.safe(text.toString()))
                    .as("seed %d", seed)
                    .doesNotContainPattern("[\\x00-\\x1f\\x7f-\\x9f]");
            String line = Text.safeLine(text.toString()).replaceAll("\u001b\\[[0-9;:]*m", "");
            assertThat(line).as("seed %d", seed).doesNotContainPattern("[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f]");
        }
    }

    @Test
    void widthIsWhatATerminalUses() {
        assertThat(Text.width("abc")).isEqualTo(3);
        assertThat(Text.width("漢字")).isEqualTo(4);
        assertThat(Text.width("e\u0301")).isEqualTo(1);
        assertThat(Text.width("😀")).isEqualTo(2);
        assertThat(Text.width("\u001b[31mred\u001b[0m")).isEqualTo(3);
    }

    @Test
    void textIsCutAtAColumnNotInACharacter() {
        assertThat(Text.fit("abcdef", 6, "…")).isEqualTo("abcdef");
        assertThat(Text.fit("abcdef", 4, "…")).isEqualTo("abc…");
        assertThat(Text.fit("漢字漢字", 6, "…")).isEqualTo("漢字…");
        assertThat(Text.fit("\u001b[31mabcdef\u001b[0m", 4, "~")).isEqualTo("\u001b[31mabc\u001b[0m~");
    }

    @ParameterizedTest
    @CsvSource({
        "-1,-",
        "0,0s",
        "59,59s",
        "60,1m",
        "61,1m1s",
        "660,11m",
        "3600,1h",
        "8040,2h14m",
        "86400,1d",
        "442800,5d3h"
    })
    void durations(long seconds, String text) {
        assertThat(Words.duration(seconds)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "-1,-",
        "0,0B",
        "1023,1023B",
        "1024,1K",
        "63963136,61M",
        "1610612736,1.5G",
        "1073741824,1G",
        "1072693248,1G",
        "10737418240,10G"
    })
    void sizes(long bytes, String text) {
        assertThat(Words.bytes(bytes)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1970-01-01T00:00:00Z",
        "2026-11-21T23:50:11Z",
        "2024-02-29T12:00:00.123456Z",
        "2026-11-21T23:50:11+01:00",
        "2026-11-21T23:50:11.5-07:30",
        "2000-12-31T23:59:59Z"
    })
    void timesAreTheSameAsJavasOwn(String time) {
        assertThat(Words.epochSeconds(time))
                .isEqualTo(java.time.OffsetDateTime.parse(time).toEpochSecond());
    }

    @ParameterizedTest
    @CsvSource({"''", "x", "2026-11-21", "2026-11-21T23:50:11", "2026-1a-21T23:50:11Z", "2026-11-21T23:50:11.Z9"})
    void whatIsNoTimeHasNone(String time) {
        assertThat(Words.epochSeconds(time)).isEqualTo(-1);
    }
}
