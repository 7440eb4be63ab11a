package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** The daemon is killed at random moments: {@code bench/survive.py} says what must hold, and with which seed it did not. */
class DaemonDeathIT {

    private static final int ROUNDS = 15;

    @Test
    void nobodyNotices() throws Exception {
        Path words = Files.createTempFile("survive", ".txt");
        ProcessBuilder survive = new ProcessBuilder(
                        "python3",
                        "-B",
                        Path.of("bench/survive.py").toAbsolutePath().toString(),
                        "--program",
                        Sandbox.PROGRAM.toString(),
                        "--rounds",
                        Integer.toString(ROUNDS))
                .redirectErrorStream(true)
                .redirectOutput(words.toFile());
        // The same moments in each run of the tests; others: bench/run survive, or -Dsurvive.seed=SEED.
        survive.command().add("--seed");
        survive.command().add(System.getProperty("survive.seed", "3"));
        Process process = survive.start();
        try {
            boolean ended = process.waitFor(5, TimeUnit.MINUTES);
            String said = Files.readString(words);
            assertThat(ended).as(said).isTrue();
            assertThat(process.exitValue()).as(said).isZero();
            assertThat(said).contains(ROUNDS + " rounds of seed", "none lost");
        } finally {
            process.destroy();
            process.waitFor(1, TimeUnit.MINUTES);
            Files.delete(words);
        }
    }
}
