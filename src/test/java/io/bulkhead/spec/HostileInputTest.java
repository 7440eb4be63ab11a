package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.SpecReader.Reading;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files nobody means well with: each is answered with a clear message. */
@Timeout(300) // against a hang only
class HostileInputTest {

    @TempDir
    Path folder;

    Reader reader;

    @BeforeEach
    void prepare() {
        reader = Reader.in(folder);
    }

    @Test
    void anEmptyFile() {
        assertThat(single(reader.read("")).message()).isEqualTo("nothing is written in this file");
        assertThat(single(reader.read("# only a comment\n")).line()).isEqualTo(1);
        assertThat(single(reader.read("---\n")).hint().orElseThrow()).contains("apps:");
    }

    @Test
    void anEmptyMainFileBesideFilledOnes() {
        reader.write("conf.d/a.yaml", "apps: {a: {command: run}}");
        assertThat(reader.readWithFolder("# see conf.d\n").spec()).isPresent();
    }

    @Test
    void tabs() {
        Problem problem = single(reader.read("apps:\n\ta:\n\t\tcommand: run\n"));
        assertThat(problem.message()).isEqualTo("a tab cannot indent YAML");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.column()).isEqualTo(1);
    }

    @Test
    void aFileOfTenMegabytes() {
        Problem problem = single(reader.read("# filler\n".repeat(10 * (1 << 20) / 9)));
        assertThat(problem.message()).contains("larger than 1M");
    }

    @Test
    void deepNesting() {
        assertThat(single(reader.read("apps: " + "[".repeat(100_000))).message())
                .contains("levels deep");
        assertThat(single(reader.read("apps: " + "{a: ".repeat(100_000))).message())
                .contains("levels deep");
        StringBuilder block = new StringBuilder();
        for (int i = 0; i < 1000; i++) {
            block.append(" ".repeat(i)).append("a:\n");
        }
        assertThat(single(reader.read(block.toString())).message()).contains("levels deep");
        assertThat(reader.read("- ".repeat(100_000)).failed()).isTrue();
        assertThat(reader.read("? ".repeat(100_000)).failed()).isTrue();
    }

    @Test
    void anAnchorBomb() {
        StringBuilder text = new StringBuilder("x-a: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for (int i = 1; i < 30; i++) {
            text.append("x-b").append(i).append(": &a").append(i).append(" [");
            text.append(("*a" + (i - 1) + ", ").repeat(9))
                    .append("*a")
                    .append(i - 1)
                    .append("]\n");
        }
        assertThat(single(reader.read(text.toString())).message()).contains("more than 50000 values");
    }

    @Test
    void aBombOfMerges() {
        StringBuilder text = new StringBuilder("x-a: &a0 {k: 1}\n");
        for (int i = 1; i < 200; i++) {
            text.append("x-b")
                    .append(i)
                    .append(": &a")
                    .append(i)
                    .append("\n  <<: [*a")
                    .append(i - 1);
            text.append(", *a").append(i - 1).append("]\n  k").append(i).append(": 1\n");
        }
        assertThat(single(reader.read(text.toString())).message()).contains("more than 50000 values");
    }

    @Test
    void anAnchorInsideItself() {
        assertThat(single(reader.read("x-a: &a [*a]\n")).message()).contains("named \"&a\"");
        assertThat(single(reader.read("apps: *nothing\n")).line()).isEqualTo(1);
    }

    @Test
    void aByteOrderMarkIsSkipped() {
        assertThat(reader.read("\ufeffapps: {a: {command: run}}").spec()).isPresent();
    }

    @Test
    void windowsLineEndsAreLineEnds() {
        Reading reading = reader.read("apps:\r\n  a:\r\n    command: run x\r\n    user: me\r\n");
        AppSpec app = reading.spec().orElseThrow().apps().get("a");
        assertThat(app.command().argv()).containsExactly("run", "x");
        assertThat(app.user()).contains("me");
        Problem problem = single(reader.read("apps:\r\n  a:\r\n    command: run\r\n    usr: me\r\n"));
        assertThat(problem.line()).isEqualTo(4);
        assertThat(problem.sourceLine()).contains("    usr: me");
    }

    @Test
    void bytesThatAreNoUtf8HaveAPlace() throws IOException {
        Path file = folder.resolve("bulkhead.yaml");
        Files.write(file, "apps:\n  é: \u00ff".getBytes(StandardCharsets.ISO_8859_1));
        Problem problem = single(SpecReader.read(file, Optional.empty(), reader.host()));
        assertThat(problem.message()).isEqualTo("the byte 0xe9 is not UTF-8");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.column()).isEqualTo(3);
        Files.write(file, new byte[] {'a', ':', (byte) 0xe2, (byte) 0x82});
        assertThat(single(SpecReader.read(file, Optional.empty(), reader.host()))
                        .message())
                .contains("0xe2");
    }

    @Test
    void nulAndOtherControlCharacters() {
        Problem problem = single(reader.read("apps:\n  a: {command: \"x\0y\"}\n"));
        assertThat(problem.message()).contains("\\u0000");
        assertThat(problem.line()).isEqualTo(2);
        assertThat(problem.column()).isEqualTo(18);
        assertThat(single(reader.read("apps: {a: {command: \"x\\0y\"}}\n")).message())
                .contains("\\u0000");
        assertThat(single(reader.read("apps: {a: {command: \"x\\ud800y\"}}\n")).message())
                .contains("not");
    }

    @Test
    void duplicateKeys() {
        Problem problem = single(reader.read("apps:\n  a:\n    command: run\n    command: walk\n"));
        assertThat(problem.message()).isEqualTo("duplicate key \"command\"");
        assertThat(problem.line()).isEqualTo(4);
        assertThat(problem.hint().orElseThrow()).contains("line 3");
    }

    @Test
    void wrongTypesEverywhere() {
        for (String wrong : new String[] {"[]", "[[x]]", "{x: y}", "-1", "true", "null", "''", "1.5", "2026-11-21"}) {
            StringBuilder text = new StringBuilder("apps:\n  a:\n");
            for (Key<?> key : AppKeys.SECTION.keys()) {
                text.append("    ")
                        .append(key.name())
                        .append(": ")
                        .append(wrong)
                        .append('\n');
            }
            Reading reading = reader.read(text.toString());
            assertThat(reading.failed()).as(wrong).isTrue();
            assertThat(reading.problems())
                    .allMatch(problem -> problem.line() > 2 || problem.message().contains("command"));
        }
        for (String wrong : new String[] {
            "x", "[]", "5", "apps", "apps: 5", "apps: [a]", "apps: {a: run}", "apps: {a: }", "{a: b}: c"
        }) {
            assertThat(reader.read(wrong).failed()).as(wrong).isTrue();
        }
    }

    @Test
    void aSecondDocument() {
        assertThat(single(reader.read("apps: {}\n---\napps: {}\n")).line()).isEqualTo(2);
    }

    @Test
    void tagsHaveNoMeaning() {
        assertThat(reader.read("apps: !!java.lang.Object {}").failed()).isTrue();
        assertThat(reader.read("apps: {a: {command: !!binary aGk=}}").failed()).isTrue();
    }

    @Test
    void twentyThousandUnknownKeysAreSummedUp() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            text.append("k").append(i).append(": 1\n");
        }
        Reading reading = reader.read(text.toString());
        assertThat(reading.problems()).hasSize(Problems.LIMIT + 1);
        assertThat(reading.problems().getLast().message()).isEqualTo("19900 more problems are not shown");
    }

    @Test
    void noFileTakesMoreThanTwoHundredMegabytes() {
        String[] hostile = {
            "apps: [" + "x,".repeat(500_000),
            "{" + "a,".repeat(500_000),
            "apps: \"" + "x".repeat(1_000_000) + "\"",
            "? " + "x".repeat(1_000_000),
            "a: |\n" + " x\n".repeat(300_000),
            "\n".repeat(1_000_000),
            "apps: {a: {command: \"" + "'a' ".repeat(250_000) + "\"}}",
            "&a ".repeat(300_000),
            "- - ".repeat(250_000),
            "%YAML 9.9\n---\n",
            "a: '" + "''".repeat(500_000) + "'",
            "apps: {a: {command: run, environment: {A: \"" + "${X:-".repeat(100_000) + "\"}}}",
            "apps: {a: {command: run, environment: {A: \"" + "${HOME}".repeat(140_000) + "\"}}}",
        };
        for (String text : hostile) {
            for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
                pool.resetPeakUsage();
            }
            System.gc();
            long start = processorTime();
            long before = heap();
            Reading reading = reader.read(text);
            assertThat(reading.failed())
                    .as(text.substring(0, 12))
                    .isEqualTo(!reading.problems().isEmpty());
            assertThat(heap() - before).as(text.substring(0, 12)).isLessThan(200L << 20);
            assertThat(processorTime() - start)
                    .as(text.substring(0, 12))
                    .isLessThan(Duration.ofSeconds(10).toNanos());
        }
    }

    @Test
    void aCommandOfTwentyThousandWords() {
        assertThat(single(reader.read("apps: {a: {command: " + "x ".repeat(20_000) + "}}"))
                        .message())
                .isEqualTo("\"command\" has more than 10000 words");
        assertThat(reader.read("apps: {a: {command: [" + "x, ".repeat(20_000) + "]}}")
                        .failed())
                .isTrue();
        String argument = "x".repeat(5000);
        assertThat(reader.spec("apps: {a: {command: run " + argument + "}}")
                        .apps()
                        .get("a")
                        .command()
                        .argv())
                .containsExactly("run", argument);
        assertThat(reader.read("apps: {a: {command: [run, " + "x".repeat(200_000) + "]}}")
                        .failed())
                .isTrue();
        assertThat(reader.read("apps: {a: {command: run " + "x".repeat(200_000) + "}}")
                        .failed())
                .isTrue();
        assertThat(reader.read("apps: {a: {command: run, environment: {A: " + "x".repeat(200_000) + "}}}")
                        .failed())
                .isTrue();
    }

    @Test
    void aFolderInsteadOfAFile() {
        assertThat(single(SpecReader.read(folder, Optional.empty(), reader.host()))
                        .message())
                .isEqualTo("this is a folder, not a file");
    }

    @Test
    void aMissingFile() {
        Problem problem = single(SpecReader.read(folder.resolve("no.yaml"), Optional.empty(), reader.host()));
        assertThat(problem.message()).isEqualTo("there is no such file");
        assertThat(problem.file()).endsWith("no.yaml");
    }

    @Test
    void aDeviceInsteadOfAFile() {
        assertThat(single(SpecReader.read(Path.of("/dev/zero"), Optional.empty(), reader.host()))
                        .message())
                .isEqualTo("this is not a regular file");
    }

    @Test
    void aFileThatMayNotBeRead() throws IOException {
        Path file = reader.write("bulkhead.yaml", "apps: {}");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
        Reading reading = SpecReader.read(file, Optional.empty(), reader.host());
        // Root may read everything.
        if (Files.isReadable(file)) {
            assertThat(reading.spec()).isPresent();
        } else {
            assertThat(single(reading).message()).isEqualTo("permission denied");
        }
    }

    /** Reading at address 0 of a process fails, for root too. */
    @Test
    void aFileWhoseDiskFails() {
        assertThat(single(SpecReader.read(Path.of("/proc/self/mem"), Optional.empty(), reader.host()))
                        .message())
                .startsWith("cannot be read: ");
    }

    @Test
    void whatIsWrongInTheEnvFileBesideIsReportedThere() {
        reader.write(".env", "A=1\nnonsense\n");
        Problem problem = single(reader.read("apps: {a: {command: run}}"));
        assertThat(problem.file()).isEqualTo(folder.resolve(".env").toString());
        assertThat(problem.line()).isEqualTo(2);
    }

    @Test
    void aLinkThatLeadsToItself() throws IOException {
        Path link = folder.resolve("bulkhead.yaml");
        Files.createSymbolicLink(link, link);
        assertThat(single(SpecReader.read(link, Optional.empty(), reader.host()))
                        .message())
                .isNotEmpty();
    }

    /** What this thread has computed, however busy the machine is. */
    private static long processorTime() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private static long heap() {
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            used += pool.getType() == MemoryType.HEAP ? pool.getPeakUsage().getUsed() : 0;
        }
        return used;
    }

    private static Problem single(Reading reading) {
        assertThat(reading.spec()).isEmpty();
        assertThat(reading.problems()).hasSize(1);
        return reading.problems().getFirst();
    }
}
