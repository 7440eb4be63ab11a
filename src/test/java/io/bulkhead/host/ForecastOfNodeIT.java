package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.core.Forecast;
import io.bulkhead.core.Forecast.Kind;
import io.bulkhead.core.Trend;
import io.bulkhead.linux.Proc;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The memory of a real node, as seen every 25 ms, told to the forecast as if each second had been eighty: a quarter of a minute is twenty minutes. */
class ForecastOfNodeIT {

    private static final long MIB = 1 << 20;
    private static final long COMPRESSION = 80;

    /** Garbage all the time, and some of it kept: 4 MiB a second. */
    private static final String LEAK = """
            const held = [];
            let garbage = [];
            setInterval(() => {
              held.push(new Array(200 * 128).fill(1));
              garbage.push(new Array(400 * 128).fill(1));
              if (garbage.length > 12) { garbage = []; global.gc(); }
            }, 50);
            """;

    /** Fills 40 MiB and gives them back, again and again. */
    private static final String SAWTOOTH = """
            let held = [];
            setInterval(() => {
              held.push(new Array(1024 * 128).fill(1));
              if (held.length >= 40) { held = []; global.gc(); }
            }, 30);
            """;

    private record Seen(long millis, long bytes, Forecast forecast) {}

    @BeforeAll
    static void needsNode() {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":"))
                        .anyMatch(folder -> Path.of(folder, "node").toFile().canExecute()),
                "needs node");
    }

    @Test
    void aLeakIsFoundAndWhenItReachesTheLimitIsForeseen() throws Exception {
        long limit = 128 * MIB;
        List<Seen> seen = watch(LEAK, limit, all -> all.getLast().bytes >= limit);

        Seen told = seen.stream()
                .filter(each -> each.forecast.kind() == Kind.LEAK
                        && each.forecast.secondsToLimit().isPresent())
                .findFirst()
                .orElseThrow(() -> new AssertionError("no leak found: " + sometimes(seen)));
        double foreseen = told.millis + told.forecast.secondsToLimit().getAsLong() * 1000.0;
        double came = seen.getLast().millis;
        assertThat(told.millis).as("before it was over").isLessThan((long) (came * 0.9));
        // Garbage stands on top of the floor that is foreseen: its teeth touch the limit somewhat earlier.
        assertThat(foreseen).isCloseTo(came, within(came * 0.3));
    }

    @Test
    void aSawtoothIsNeverALeak() throws Exception {
        List<Seen> seen = watch(SAWTOOTH, 256 * MIB, all -> all.getLast().millis >= 25 * 60_000);

        assertThat(seen.stream().mapToLong(Seen::bytes).max().orElseThrow()).isGreaterThan(40 * MIB);
        assertThat(seen.stream().map(each -> each.forecast.kind()).distinct())
                .as("%s", sometimes(seen))
                .doesNotContain(Kind.LEAK);
        assertThat(seen.getLast().forecast.kind()).isEqualTo(Kind.FLAT);
    }

    /** What is seen at a glance. */
    private static List<Seen> sometimes(List<Seen> seen) {
        List<Seen> some = new ArrayList<>();
        for (int i = 0; i < seen.size(); i += Math.max(1, seen.size() / 20)) {
            some.add(seen.get(i));
        }
        return some;
    }

    private interface Enough {
        boolean of(List<Seen> seen);
    }

    private static List<Seen> watch(String script, long limit, Enough enough) throws IOException {
        Process node = new ProcessBuilder("node", "--expose-gc", "-e", script)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            Trend trend = new Trend();
            List<Seen> seen = new ArrayList<>();
            long begin = Loop.now();
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofMillis(25))
                    .until(() -> {
                        long millis = (Loop.now() - begin) * COMPRESSION;
                        long bytes = Proc.HOST.unreclaimable((int) node.pid()).orElseThrow();
                        trend.add(millis, bytes);
                        seen.add(new Seen(millis, bytes, Forecast.of(trend, OptionalLong.of(limit))));
                        return enough.of(seen);
                    });
            return seen;
        } finally {
            node.destroyForcibly();
        }
    }
}
