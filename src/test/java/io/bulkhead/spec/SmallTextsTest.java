package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, times, signals and command lines. */
class SmallTextsTest {

    @ParameterizedTest
    @CsvSource({
        "512M, 536870912", "512m, 536870912", "1G, 1073741824", "1.5GiB, 1610612736", "50MB, 52428800", "100b, 100",
        "2 KiB, 2048", "25%, 256", "0, 0", "0.5K, 512", "1T, 1099511627776", "100%, 1024"
    })
    void sizesAreBytes(String text, long bytes) {
        assertThat(Sizes.parse(text, 1024).found()).contains(bytes);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "512",
                "-1M",
                "1X",
                "M",
                "1.M",
                ".5M",
                "1e3M",
                "101%",
                "1,5G",
                "99999999999999999M",
                "1..5M",
                "0x10M",
                "1 000M"
            })
    void whatIsNoSizeIsRefused(String text) {
        assertThat(Sizes.parse(text, 1024)).isInstanceOf(Parsed.Bad.class);
    }

    @Test
    void everySizeSurvivesItsText() {
        Random random = new Random(7);
        for (int i = 0; i < 10_000; i++) {
            long bytes = random.nextLong(1L << random.nextInt(1, 58)) << random.nextInt(2);
            assertThat(Sizes.parse(Sizes.text(bytes), 0).found()).contains(bytes);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500ms, 500",
        "10s, 10000",
        "5m, 300000",
        "1h30m, 5400000",
        "600, 600000",
        "0, 0",
        "1.5s, 1500",
        "1d, 86400000",
        "0.25, 250"
    })
    void timesAreMilliseconds(String text, long millis) {
        assertThat(Durations.parse(text).found()).contains(Duration.ofMillis(millis));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "601", "-1s", "1x", "s", "1h30", "1.s", "1 s", "4000d", "1s1s1s1s1s1s", "9999999999s", "1e3"
            })
    void whatIsNoTimeIsRefused(String text) {
        assertThat(Durations.parse(text)).isInstanceOf(Parsed.Bad.class);
    }

    @Test
    void everyTimeSurvivesItsText() {
        Random random = new Random(8);
        for (int i = 0; i < 10_000; i++) {
            Duration time = Duration.ofMillis(random.nextLong(1L << random.nextInt(1, 38)));
            assertThat(Durations.parse(Durations.text(time)).found()).contains(time);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "SIGTERM, 15",
        "TERM, 15",
        "term, 15",
        "15, 15",
        "SIGHUP, 1",
        "USR2, 12",
        "SIGRTMIN, 34",
        "RTMIN+3, 37",
        "SIGRTMAX-1, 63",
        "64, 64",
        "SIGSYS, 31",
        "SIGWINCH, 28",
        "IOT, 6",
        "SIGCLD, 17"
    })
    void signalsHaveNamesAndNumbers(String text, int number) {
        assertThat(Signals.parse(text).found()).contains(number);
        assertThat(Signals.parse(Signals.name(number)).found()).contains(number);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "SIGNOPE", "RTMIN+31", "RTMAX+1", "-9", "RTMIN+", "9999999999"})
    void whatIsNoSignalIsRefused(String text) {
        assertThat(Signals.parse(text)).isInstanceOf(Parsed.Bad.class);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '~', textBlock = """
                    node dist/main.js          → node|dist/main.js
                    a  b                       → a|b
                    a 'b c' "d e"              → a|b c|d e
                    a\\ b c                     → a b|c
                    a'b'"c"d                   → abcd
                    a '' ""                    → a||
                    a "x\\"y\\\\z\\n"              → a|x"y\\z\\n
                    a '$HOME | > &'            → a|$HOME | > &
                    a "| > &"                  → a|| > &
                    a \\$HOME \\|                → a|$HOME||
                    a x=1 5$ a$                → a|x=1|5$|a$
                    a b#c                      → a|b#c
                    """)
    void commandsAreSplitAsAShellSplitsThem(String line, String words) {
        String expected = CommandLine.split(line)
                .found()
                .map(all -> String.join("|", all))
                .orElse("refused");
        assertThat(expected).isEqualTo(words);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "  ",
                "a | b",
                "a > b",
                "a && b",
                "a & b",
                "a; b",
                "a $HOME",
                "a ${HOME}",
                "a $(b)",
                "a `b`",
                "a 'b",
                "a \"b",
                "a \\",
                "A=1 b",
                "(a)",
                "a < b",
                "a \"$HOME\"",
                "~/a",
                "a *.js",
                "# a"
            })
    void whatNeedsAShellIsRefused(String line) {
        assertThat(CommandLine.split(line)).isInstanceOf(Parsed.Bad.class);
    }

    @Test
    void everyCommandSurvivesItsText() {
        Random random = new Random(9);
        String characters = "ab \t\n'\"\\$|&;<>*?~#=(){}`é漢😀-";
        int[] points = characters.codePoints().toArray();
        for (int i = 0; i < 5000; i++) {
            List<String> words = new ArrayList<>();
            for (int w = 0; w <= random.nextInt(4); w++) {
                StringBuilder word = new StringBuilder();
                for (int c = random.nextInt(8); c > 0; c--) {
                    word.appendCodePoint(points[random.nextInt(points.length)]);
                }
                words.add(word.toString());
            }
            assertThat(CommandLine.split(CommandLine.join(words)).found()).contains(words);
        }
    }
}
