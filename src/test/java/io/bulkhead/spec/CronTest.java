package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.CronType;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CronTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    0 4 * * *        | 2026-11-21T04:00+01:00 | 2026-11-22T04:00+01:00
                    */15 * * * *     | 2026-11-21T23:46+01:00 | 2026-11-22T00:00+01:00
                    0 0 29 2 *       | 2026-01-01T00:00+01:00 | 2028-02-29T00:00+01:00
                    0 0 * * 7        | 2026-11-21T00:00+01:00 | 2026-11-22T00:00+01:00
                    0 0 * * sun      | 2026-11-21T00:00+01:00 | 2026-11-22T00:00+01:00
                    0 0 * * fri-sun  | 2026-11-22T00:00+01:00 | 2026-11-27T00:00+01:00
                    0 0 13 * fri     | 2026-11-21T00:00+01:00 | 2026-11-27T00:00+01:00
                    0 12 1,15 jan-mar * | 2026-11-21T00:00+01:00 | 2027-01-01T12:00+01:00
                    @hourly          | 2026-11-21T04:30+01:00 | 2026-11-21T05:00+01:00
                    @daily           | 2026-11-21T04:30+01:00 | 2026-11-22T00:00+01:00
                    @weekly          | 2026-11-21T04:30+01:00 | 2026-11-22T00:00+01:00
                    @monthly         | 2026-11-21T04:30+01:00 | 2026-12-01T00:00+01:00
                    """)
    void theNextTimeIsFound(String text, String after, String expected) {
        assertThat(next(text, after)).contains(ZonedDateTime.parse(expected).withZoneSameInstant(BERLIN));
    }

    /** 2026-03-29: 02:00 to 03:00 does not exist in Berlin. */
    @Test
    void aTimeInTheGapHappensOnceAtItsEnd() {
        assertThat(next("30 2 * * *", "2026-03-28T12:00+01:00").map(ZonedDateTime::toString))
                .contains("2026-03-29T03:00+02:00[Europe/Berlin]");
        assertThat(next("*/20 2 * * *", "2026-03-29T03:00+02:00").map(ZonedDateTime::toString))
                .contains("2026-03-30T02:00+02:00[Europe/Berlin]");
    }

    /** 2026-10-25: 02:00 to 03:00 comes twice in Berlin. */
    @Test
    void aTimeThatComesTwiceHappensOnce() {
        assertThat(next("30 2 * * *", "2026-10-24T12:00+02:00").map(ZonedDateTime::toString))
                .contains("2026-10-25T02:30+02:00[Europe/Berlin]");
        assertThat(next("30 2 * * *", "2026-10-25T02:30+02:00").map(ZonedDateTime::toString))
                .contains("2026-10-26T02:30+01:00[Europe/Berlin]");
    }

    @Test
    void theSearchEndsAfterFourYears() {
        assertThat(next("0 0 29 2 *", "2096-03-01T00:00+01:00")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "* * * *",
                "* * * * * *",
                "60 * * * *",
                "* 24 * * *",
                "* * 0 * *",
                "* * 32 * *",
                "* * * 13 *",
                "* * * * 8",
                "*/0 * * * *",
                "5-1 * * * *",
                "a * * * *",
                "1, * * * *",
                "1//2 * * * *",
                "-1 * * * *",
                "@never",
                "0 0 30 2 *",
                "0 0 31 2,4,6 *",
                "1/2 * * * *",
                "* * * foo *"
            })
    void whatIsNoTimeIsRefused(String text) {
        assertThat(Cron.parse(text, BERLIN)).isInstanceOf(Parsed.Bad.class);
    }

    /** Only in UTC: across changes of clocks the two have different rules. */
    @Test
    void anIndependentLibraryFindsTheSameTimes() {
        CronParser parser = new CronParser(CronDefinitionBuilder.instanceDefinitionFor(CronType.UNIX));
        ZoneId utc = ZoneId.of("UTC");
        long seed = 20261121;
        Random random = new Random(seed);
        int compared = 0;
        for (int i = 0; i < 3000; i++) {
            String text = expression(random);
            Parsed<Cron> ours = Cron.parse(text, utc);
            if (!(ours instanceof Parsed.Good<Cron>(Cron cron))) {
                continue;
            }
            ExecutionTime theirs = ExecutionTime.forCron(parser.parse(text));
            ZonedDateTime at = ZonedDateTime.of(2024 + random.nextInt(3), 1, 1, 0, 0, 0, 0, utc)
                    .plusMinutes(random.nextInt(525_600));
            for (int step = 0; step < 5; step++) {
                Optional<ZonedDateTime> mine = cron.next(at);
                Optional<ZonedDateTime> other = theirs.nextExecution(at);
                if (mine.isEmpty()) {
                    // Ours gives up after four years; theirs searches on.
                    ZonedDateTime limit = at.plusYears(4);
                    assertThat(other.filter(time -> time.isBefore(limit))).isEmpty();
                    break;
                }
                assertThat(mine).as("seed %s: %s after %s", seed, text, at).isEqualTo(other);
                at = mine.get();
                compared++;
            }
        }
        assertThat(compared).isGreaterThan(5000);
    }

    private static String expression(Random random) {
        // Both day fields restricted means "either" to both; a stepped star in one of them is where crons differ.
        String day = random.nextInt(3) == 0 ? field(random, 1, 31, false) : "*";
        String weekday = random.nextInt(3) == 0 ? field(random, 0, 6, false) : "*";
        return String.join(
                " ",
                field(random, 0, 59, true),
                field(random, 0, 23, true),
                day,
                random.nextBoolean() ? "*" : field(random, 1, 12, true),
                weekday);
    }

    private static String field(Random random, int least, int most, boolean stars) {
        List<String> parts = new ArrayList<>();
        int count = 1 + random.nextInt(3);
        for (int i = 0; i < count; i++) {
            int first = random.nextInt(least, most + 1);
            int last = random.nextInt(first, most + 1);
            switch (random.nextInt(4)) {
                case 0 -> parts.add(first + "-" + last);
                case 1 -> parts.add(first + "-" + last + "/" + (1 + random.nextInt(5)));
                default -> parts.add("" + first);
            }
        }
        if (stars && random.nextInt(4) == 0) {
            return random.nextBoolean() ? "*" : "*/" + (1 + random.nextInt(most));
        }
        return String.join(",", parts);
    }

    private static Optional<ZonedDateTime> next(String text, String after) {
        Cron cron = Cron.parse(text, BERLIN).found().orElseThrow(() -> new AssertionError(Cron.parse(text, BERLIN)));
        return cron.next(ZonedDateTime.parse(after));
    }
}
