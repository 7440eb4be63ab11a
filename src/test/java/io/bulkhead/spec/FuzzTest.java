package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Valid files, changed at random: whatever comes of it, it is a configuration or a list of problems with places. */
class FuzzTest {

    /** Bounded by count, not by time: the same work on every machine. {@code -Dbulkhead.fuzz=100000} does more. */
    private static final int ROUNDS = Integer.getInteger("bulkhead.fuzz", 2000);

    private static final String[] PIECES = {
        "{",
        "}",
        "[",
        "]",
        ":",
        ": ",
        ",",
        "\n",
        "\n  ",
        "- ",
        "#",
        "&a ",
        "*a",
        "<<: ",
        "!",
        "!!str ",
        "|",
        ">",
        "'",
        "\"",
        "%",
        "@",
        "`",
        "?",
        "? ",
        "\t",
        "\r\n",
        "---\n",
        "...\n",
        "${",
        "}",
        "$",
        "$$",
        "${HOME}",
        "\\",
        "0",
        "-1",
        "1e9",
        ".inf",
        "~",
        "null",
        "true",
        "off",
        "\ufeff",
        "é",
        "漢",
        "😀",
        "\u0085",
        "\u2028",
        "\0",
        "512M",
        "99999999999999999999",
        "x-",
        "command",
        "apps"
    };

    @TempDir
    Path folder;

    @Test
    void noTextMakesTheReaderFail() throws IOException {
        Reader reader = Reader.in(folder);
        List<byte[]> seeds = seeds();
        int read = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] text = mutate(seeds, new Random(round));
            Path file = Files.write(folder.resolve("bulkhead.yaml"), text);
            SpecReader.Reading reading;
            try {
                reading = SpecReader.read(file, Optional.empty(), reader.host());
                reading.problems().forEach(problem -> ProblemText.of(problem).plain());
                reading.spec()
                        .ifPresent(spec -> spec.apps()
                                .values()
                                .forEach(app -> assertThat(SpecReader.restore(app.name(), app.source()))
                                        .isEqualTo(app)));
            } catch (RuntimeException | StackOverflowError escaped) {
                throw new AssertionError("round " + round + ":\n" + new String(text, StandardCharsets.UTF_8), escaped);
            }
            read += reading.spec().isPresent() ? 1 : 0;
            for (Problem problem : reading.problems()) {
                assertThat(problem.file()).as("round %s", round).isEqualTo(file.toString());
                assertThat(problem.line()).as("round %s: %s", round, problem).isPositive();
                assertThat(problem.column()).as("round %s: %s", round, problem).isPositive();
            }
            boolean errors = reading.problems().stream().anyMatch(p -> p.severity() == Problem.Severity.ERROR);
            assertThat(errors).as("round %s", round).isEqualTo(reading.failed());
        }
        // Otherwise the changes would be too wild to reach anything behind the YAML parser.
        assertThat(read).isGreaterThan(ROUNDS / 50);
    }

    private static List<byte[]> seeds() throws IOException {
        List<byte[]> all = new ArrayList<>();
        for (String kind : new String[] {"good", "bad"}) {
            try (Stream<Path> files = Files.list(Corpus.folder(kind))) {
                for (Path file : files.sorted().toList()) {
                    all.add(Files.readAllBytes(file));
                }
            }
        }
        return all;
    }

    private static byte[] mutate(List<byte[]> seeds, Random random) {
        // The good files come first; half of the time it is one of them that is changed.
        byte[] text = seeds.get(random.nextInt(random.nextBoolean() ? 6 : seeds.size()));
        for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
            int at = random.nextInt(text.length + 1);
            int cut = Math.min(text.length - at, random.nextInt(3) == 0 ? random.nextInt(20) : 0);
            byte[] piece = switch (random.nextInt(4)) {
                case 0 -> new byte[0];
                case 1 -> new byte[] {(byte) random.nextInt(256)};
                case 2 -> PIECES[random.nextInt(PIECES.length)].getBytes(StandardCharsets.UTF_8);
                default -> {
                    int from = random.nextInt(text.length + 1);
                    int length = Math.min(text.length - from, random.nextInt(40));
                    yield java.util.Arrays.copyOfRange(text, from, from + length);
                }
            };
            byte[] next = new byte[text.length - cut + piece.length];
            System.arraycopy(text, 0, next, 0, at);
            System.arraycopy(piece, 0, next, at, piece.length);
            System.arraycopy(text, at + cut, next, at + piece.length, text.length - at - cut);
            text = next;
        }
        return text;
    }
}
