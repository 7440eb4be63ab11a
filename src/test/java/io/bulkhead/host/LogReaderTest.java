package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogReaderTest {

    private static final long HOUR = 3_600_000;
    private static final long TEN = 1_795_255_200_000L; // 2026-11-21T10:00:00Z

    @TempDir
    Path folder;

    private LogRig rig;

    @BeforeEach
    void rig() throws IOException {
        rig = new LogRig(folder);
        Files.createDirectories(rig.log().getParent());
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void findsTheLastLinesAcrossPlainAndCompressedFiles() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 16, 100, true));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "seq 100000; printf unfinished");
            LogRig.detach(pump, source);
            await().until(pump::compressed);
            assertThat(file.segments().paths()).anyMatch(path -> path.toString().endsWith(".gz"));
            for (int lines : new int[] {1, 2, 1000, 50_000, 100_001}) {
                List<String> read = LogRig.read(List.of(file), LogQuery.last(lines));
                assertThat(read).hasSize(lines).last().isEqualTo("0|unfinished");
                assertThat(read.subList(0, lines - 1))
                        .isEqualTo(IntStream.range(100_002 - lines, 100_001)
                                .mapToObj(number -> "0|" + number)
                                .toList());
            }
            assertThat(LogRig.read(List.of(file), LogQuery.last(1_000_000))).hasSize(100_001);
            assertThat(LogRig.read(List.of(file), LogQuery.last(0))).isEmpty();
            LogSearch search = new LogSearch(file.segments(), Optional.empty());
            LogPlace oldest = search.oldest();
            LogPlace end = search.end();
            assertThat(LogReader.tail(file.segments(), oldest, end, 2, 1000)).containsExactly("100000", "unfinished");
            assertThat(LogReader.tail(file.segments(), oldest, end, 5, 12)).containsExactly("unfinished");
            assertThat(LogReader.tail(file.segments(), oldest, end, 5, 4)).containsExactly("unfi");
            LogPlace last = new LogPlace(end.generation(), end.offset() - "unfinished".length());
            assertThat(LogReader.tail(file.segments(), last, end, 5, 1000))
                    .as("what stands before is another run's")
                    .containsExactly("unfinished");
        }
    }

    @Test
    void findsPatternsAndCountsOnlyTheirLines() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 16, 100, false));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "seq 100000");
            LogRig.detach(pump, source);
            LogQuery query = new LogQuery(
                    OptionalInt.of(3), OptionalLong.empty(), Optional.of(Pattern.compile("^[1-3]0+$")), false);
            assertThat(LogRig.read(List.of(file), query)).containsExactly("0|20000", "0|30000", "0|100000");
        }
    }

    @Test
    void aWildPatternDoesNotHang() {
        byte[] line = "a".repeat(60).getBytes(StandardCharsets.UTF_8);
        assertThat(new LogGrep(Pattern.compile("(a+)+b")).finds(line, 0, line.length))
                .isFalse();
        assertThat(new LogGrep(Pattern.compile("a{60}")).finds(line, 0, line.length))
                .isTrue();
    }

    @Test
    void showsTheStartOfALongLineAndTheLinesAroundIt() throws Exception {
        Files.writeString(rig.log(), "before\n" + "x".repeat(3_000_000) + "\nafter\n");
        try (LogPump pump = rig.pump()) {
            List<String> read = LogRig.read(List.of(pump.file(rig.log(), LogRig.BIG)), LogQuery.last(3));
            assertThat(read).hasSize(3).startsWith("0|before").endsWith("0|after");
            assertThat(read.get(1)).hasSize(LogCursor.LONGEST_LINE + 2);
        }
    }

    @Test
    void findsATimeByTheIndexAlsoInRotatedFiles() throws Exception {
        Path old = rig.log().resolveSibling("api.log.20261121-100500");
        write(old, "one\ntwo\nthree\n");
        index(old, TEN, 0, TEN + 60_000, 4, TEN + 120_000, 8);
        assertThat(new ProcessBuilder("gzip", old.toString()).start().waitFor()).isZero();
        write(rig.log(), "four\nfive\n");
        index(rig.log(), TEN + HOUR, 0, TEN + 2 * HOUR, 5);
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            assertThat(since(file, TEN - 1)).containsExactly("0|one", "0|two", "0|three", "0|four", "0|five");
            assertThat(since(file, TEN + 60_000)).containsExactly("0|two", "0|three", "0|four", "0|five");
            assertThat(since(file, TEN + 62_000)).containsExactly("0|three", "0|four", "0|five");
            assertThat(since(file, TEN + 122_000)).containsExactly("0|four", "0|five");
            assertThat(since(file, TEN + HOUR + 5000)).containsExactly("0|five");
            assertThat(since(file, TEN + 3 * HOUR)).isEmpty();
        }
    }

    @Test
    void withoutAnIndexTheNamesOfTheFilesMustDo() throws Exception {
        write(rig.log().resolveSibling("api.log.20261121-100000"), "one\n");
        write(rig.log().resolveSibling("api.log.20261121-110000"), "two\n");
        write(rig.log(), "three\n");
        Files.writeString(LogIndex.beside(rig.log()), "garbage that is no index");
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            assertThat(since(file, TEN + 1000)).containsExactly("0|two", "0|three");
            assertThat(since(file, TEN)).containsExactly("0|one", "0|two", "0|three");
        }
    }

    @Test
    void mergesInstancesByTimeAndByTheirOwnStamps() throws Exception {
        Path other = rig.log().resolveSibling("api-1.log");
        write(rig.log(), "a1\na2\na3\n");
        index(rig.log(), TEN, 0, TEN + 20_000, 3, TEN + 40_000, 6);
        write(other, "b1\nb2\n");
        index(other, TEN + 10_000, 0, TEN + 30_000, 3);
        Path stamped = rig.log().resolveSibling("api-2.log");
        write(stamped, "2026-11-21T10:00:15.500Z c1\n2026-11-21T10:00:35.000Z c2\n");
        try (LogPump pump = rig.pump()) {
            List<LogFile> files = List.of(
                    pump.file(rig.log(), LogRig.BIG), pump.file(other, LogRig.BIG), pump.file(stamped, LogRig.BIG));
            assertThat(LogRig.read(files, LogQuery.all()))
                    .containsExactly(
                            "0|a1",
                            "1|b1",
                            "2|2026-11-21T10:00:15.500Z c1",
                            "0|a2",
                            "1|b2",
                            "2|2026-11-21T10:00:35.000Z c2",
                            "0|a3");
            assertThat(LogRig.read(files.subList(0, 2), LogQuery.last(2))).containsExactly("1|b2", "0|a3");
        }
    }

    @Test
    void theIndexOfThePumpTellsWhen() throws Exception {
        AtomicLong clock = new AtomicLong(TEN);
        try (LogPump pump = rig.pump(clock::get)) {
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo one");
            LogRig.sync(pump, source);
            clock.addAndGet(1200);
            LogRig.shell(source.fifo(), "echo two");
            LogRig.detach(pump, source);
            assertThat(since(file, TEN)).containsExactly("0|one", "0|two");
            assertThat(since(file, TEN + 1190)).containsExactly("0|two");
        }
    }

    @Test
    void theIndexSurvivesGarbageAndTruncationAndStaysSmall() throws Exception {
        write(rig.log(), "x".repeat(1000));
        index(rig.log(), TEN, 0, TEN + 1000, 100, TEN + 2000, 5000, TEN + 3000, 200);
        LogIndex index = new LogIndex(rig.log());
        index.open(1000);
        index.arriving(TEN + 9000, 1000);
        index.close();
        assertThat(records()).containsExactly(TEN, 0L, TEN + 1000, 100L, TEN + 9000, 1000L);

        Files.write(LogIndex.beside(rig.log()), new byte[] {1, 2, 3}, StandardOpenOption.APPEND);
        index.open(150);
        index.arriving(TEN + 10_000, 150);
        index.close();
        assertThat(records()).containsExactly(TEN, 0L, TEN + 1000, 100L, TEN + 10_000, 150L);

        index.open(150);
        index.arriving(TEN + 20_000, 150);
        index.close();
        assertThat(records())
                .as("nothing had come before")
                .containsExactly(TEN, 0L, TEN + 1000, 100L, TEN + 20_000, 150L);

        index.open(0);
        for (int i = 0; i < 300_000; i++) {
            index.arriving(TEN + i * 1000L, i * 10L);
        }
        index.close();
        assertThat(Files.size(LogIndex.beside(rig.log()))).isBetween(16L * 10_000, 16L * (LogIndex.MOST_RECORDS + 1));
        try (LogIndex.Reader reader =
                LogIndex.Reader.open(LogIndex.beside(rig.log())).orElseThrow()) {
            for (int i = 1000; i < 290_000; i += 7777) {
                long offset = reader.offsetSince(TEN + i * 1000L);
                assertThat(offset).isBetween(i * 10L - 160, i * 10L);
            }
        }
    }

    @Test
    void followsAcrossRotationsWithoutLosingALine() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 17, 1000, true));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo 0; printf 1");
            LogRig.sync(pump, source);
            ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
            LogReader reader = new LogReader(
                    List.of(file), new LogQuery(OptionalInt.of(10), OptionalLong.empty(), Optional.empty(), true));
            Thread follower = follow(reader, lines);
            await().until(() -> lines.contains("0"));
            assertThat(lines).containsExactly("0");
            LogRig.shell(source.fifo(), "echo; seq 2 200000");
            LogRig.sync(pump, source);
            await().until(() -> lines.contains("200000"));
            assertThat(file.segments().paths()).hasSizeGreaterThan(3);
            int expected = 0;
            for (String line : lines) {
                assertThat(line).isEqualTo(Integer.toString(expected++));
            }
            reader.stop();
            follower.join();
        }
    }

    @Test
    void followsAnAppThatHasNotWrittenYetAndOneWhoseLogIsEmptied() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            ConcurrentLinkedQueue<String> lines = new ConcurrentLinkedQueue<>();
            LogReader reader = new LogReader(
                    List.of(file), new LogQuery(OptionalInt.of(0), OptionalLong.empty(), Optional.empty(), true));
            Thread follower = follow(reader, lines);
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo a rather long first line");
            await().until(() -> lines.size() == 1);
            Files.writeString(rig.log(), "");
            LogRig.shell(source.fifo(), "echo second");
            await().until(() -> lines.size() == 2);
            Files.delete(rig.log());
            LogRig.shell(source.fifo(), "echo third");
            await().until(() -> lines.size() == 3);
            assertThat(lines).containsExactly("a rather long first line", "second", "third");
            reader.stop();
            follower.join();
        }
    }

    @Test
    void neverMixesOldAndNewBytesOfAFileThatWasEmptiedAndFilledAgain() throws Exception {
        write(rig.log(), "old one\n");
        LogSegments segments = new LogSegments(rig.log());
        try (LogCursor cursor = new LogCursor(segments, new LogPlace(0, 0), Optional.empty(), Optional.empty())) {
            assertThat(next(cursor)).isEqualTo("old one");
            assertThat(cursor.next()).isFalse();
            write(rig.log(), "the first new line\nthe second\n");
            segments.restarted();
            assertThat(next(cursor)).isEqualTo("the first new line");
            assertThat(next(cursor)).isEqualTo("the second");
            Files.writeString(rig.log(), "last of the old file\n", StandardOpenOption.APPEND);
            segments.rotate(TEN, 5);
            write(rig.log(), "in the next\n");
            segments.rotate(TEN, 5);
            write(rig.log(), "and the one after\n");
            assertThat(next(cursor)).isEqualTo("last of the old file");
            assertThat(next(cursor)).isEqualTo("in the next");
            assertThat(next(cursor)).isEqualTo("and the one after");
            assertThat(cursor.next()).isFalse();
            assertThat(segments.paths())
                    .extracting(path -> path.getFileName().toString())
                    .containsExactly("api.log.20261121-100000", "api.log.20261121-100000-2", "api.log");
        }
    }

    private static String next(LogCursor cursor) throws IOException {
        assertThat(cursor.next()).isTrue();
        return new String(cursor.text(), cursor.lineFrom(), cursor.lineLength(), StandardCharsets.UTF_8);
    }

    @Test
    void printsEachLineBehindItsPrefix() throws Exception {
        String wide = "w".repeat(20_000);
        write(rig.log(), "one\n" + wide + "\n\n" + "x".repeat(8192) + "\n" + "y\n".repeat(10_000));
        java.io.ByteArrayOutputStream out = new java.io.ByteArrayOutputStream();
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            new LogReader(List.of(file), LogQuery.all()).copyTo(new LogPrinter(out, List.of("api/0| ")));
        }
        assertThat(out.toString(StandardCharsets.UTF_8))
                .isEqualTo("api/0| one\napi/0| " + wide + "\napi/0| \napi/0| " + "x".repeat(8192) + "\n"
                        + "api/0| y\n".repeat(10_000));
    }

    private static Thread follow(LogReader reader, ConcurrentLinkedQueue<String> lines) {
        return Thread.ofPlatform().start(() -> {
            try {
                reader.copyTo((input, text, offset, length) ->
                        lines.add(new String(text, offset, length, StandardCharsets.UTF_8)));
            } catch (IOException | InterruptedException e) {
                lines.add(e.toString());
            }
        });
    }

    private static List<String> since(LogFile file, long millis) throws Exception {
        return LogRig.read(
                List.of(file), new LogQuery(OptionalInt.empty(), OptionalLong.of(millis), Optional.empty(), false));
    }

    private static void write(Path file, String text) throws IOException {
        Files.writeString(file, text);
    }

    /** Pairs of time and offset, as the pump would have written them. */
    private static void index(Path log, long... pairs) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(16 + 8 * pairs.length);
        bytes.putLong(0x42484c4944583101L).putLong(1000);
        for (long each : pairs) {
            bytes.putLong(each);
        }
        Files.write(LogIndex.beside(log), bytes.array());
    }

    private List<Long> records() throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(LogIndex.beside(rig.log())));
        bytes.position(16);
        return IntStream.range(0, bytes.remaining() / 8)
                .mapToObj(i -> bytes.getLong(16 + 8 * i))
                .toList();
    }
}
