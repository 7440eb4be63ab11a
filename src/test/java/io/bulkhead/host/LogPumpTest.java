package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.bulkhead.spec.LogSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogPumpTest {

    @TempDir
    Path folder;

    private LogRig rig;

    @BeforeEach
    void rig() {
        rig = new LogRig(folder);
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void bringsOutputIntoAFileThatOnlyItsOwnersMayRead() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogSource source = new LogSource(rig.fifo(), pump.file(rig.log(), LogRig.BIG));
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo one; echo two >&2; printf three");
            await().untilAsserted(() -> assertThat(rig.log()).hasContent("one\nthree"));
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(rig.log())))
                    .isEqualTo("rw-r-----");
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(rig.log().getParent())))
                    .isEqualTo("rwxr-x---");
        }
    }

    @Test
    void losesNoLineAcrossRotationsAndKeepsEachWhole() throws Exception {
        int lines = 2_000_000;
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 20, 1000, false));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "seq " + lines);
            LogRig.detach(pump, source);
            assertThat(file.segments().paths()).hasSizeGreaterThan(10);
            for (Path path : file.segments().paths()) {
                assertThat(Files.size(path)).isLessThanOrEqualTo((1 << 20) + LogFile.LINE_SEARCH);
                assertThat(Files.readString(path)).endsWith("\n");
            }
            assertEveryNumber(LogRig.everything(file), lines);
        }
    }

    @Test
    void losesNothingWhenThePumpStopsAndAnotherGoesOn() throws Exception {
        int lines = 1_000_000;
        Path fifo = rig.fifo();
        Process app;
        LogPump compressing;
        try (LogPump first = rig.pump()) {
            LogFile file = first.file(rig.log(), LogRig.rotating(1 << 20, 1000, true));
            first.attach(new LogSource(fifo, file));
            app = LogRig.start(fifo, "seq " + lines);
            await().until(() -> file.segments().paths().size() > 2);
            compressing = first;
        }
        try (LogPump second = rig.pump()) {
            LogFile file = second.file(rig.log(), LogRig.rotating(1 << 20, 1000, true));
            LogSource source = new LogSource(fifo, file);
            second.attach(source);
            assertThat(app.waitFor()).isZero();
            LogRig.detach(second, source);
            await().until(() -> compressing.compressed() && second.compressed());
            assertEveryNumber(LogRig.everything(file), lines);
        }
    }

    @Test
    void keepsAsManyRotatedFilesAsWanted() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 16, 3, true));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "seq 500000");
            LogRig.detach(pump, source);
            await().until(pump::compressed);
            try (var list = Files.list(rig.log().getParent())) {
                assertThat(list.map(each -> each.getFileName().toString()).filter(name -> !name.endsWith(".idx")))
                        .hasSize(4)
                        .allMatch(name -> name.matches("api\\.log(\\.\\d{8}-\\d{6}(-\\d+)?(\\.gz)?)?"));
            }
            assertThat(LogRig.everything(file)).endsWith("\n499999\n500000\n");
        }
    }

    @Test
    void stampsEachLineOnce() throws Exception {
        LogSpec stamped = new LogSpec(1 << 20, 100, false, true, false, Optional.empty());
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), stamped);
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "printf be; printf 'gin\\n\\n'; seq 100000");
            LogRig.detach(pump, source);
            String[] lines = LogRig.everything(file).split("\n");
            String stamp = "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z ";
            assertThat(lines).hasSize(100_002);
            assertThat(lines[0]).matches(stamp + "begin");
            assertThat(lines[1]).matches(stamp);
            for (int i = 1; i <= 100_000; i++) {
                assertThat(lines[i + 1].substring(LogLines.STAMP)).isEqualTo(Integer.toString(i));
            }
        }
    }

    @Test
    void aLineWithoutEndIsCutAndEatsNoMemory() throws Exception {
        long before = used();
        for (boolean stamps : new boolean[] {false, true}) {
            LogSpec spec = new LogSpec(8 << 20, 4, false, stamps, false, Optional.empty());
            try (LogPump pump = rig.pump()) {
                LogFile file = pump.file(folder.resolve("endless" + stamps + ".log"), spec);
                LogSource source = new LogSource(rig.fifo(), file);
                pump.attach(source);
                LogRig.shell(source.fifo(), "head -c 300000000 /dev/zero");
                LogRig.detach(pump, source);
                assertThat(file.segments().paths()).hasSize(5);
                for (Path path : file.segments().paths()) {
                    assertThat(Files.size(path)).isLessThanOrEqualTo((8 << 20) + LogFile.LINE_SEARCH);
                }
                assertThat(LogRig.read(java.util.List.of(file), LogQuery.last(5)))
                        .allMatch(line -> line.length() <= LogCursor.LONGEST_LINE + 2);
            }
        }
        assertThat(used() - before).isLessThan(20 << 20);
    }

    @Test
    void twoGenerationsThatShareAFileKeepTheirLinesWhole() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 20, 100, false));
            LogSource old = new LogSource(rig.fifo(), file);
            LogSource young = new LogSource(rig.fifo(), file);
            pump.attach(old);
            pump.attach(young);
            Process first = LogRig.start(old.fifo(), "seq 1 300000");
            Process second = LogRig.start(young.fifo(), "seq 300001 600000; printf unfinished");
            assertThat(first.waitFor()).isZero();
            assertThat(second.waitFor()).isZero();
            LogRig.sync(pump, old);
            LogRig.detach(pump, young);
            LogRig.shell(old.fifo(), "echo last words");
            LogRig.detach(pump, old);
            String all = LogRig.everything(file);
            assertThat(all).endsWith("unfinished\nlast words\n");
            boolean[] seen = new boolean[600_001];
            all.lines().filter(line -> Character.isDigit(line.charAt(0))).forEach(line -> {
                int number = Integer.parseInt(line);
                assertThat(seen[number]).isFalse();
                seen[number] = true;
            });
            for (int i = 1; i < seen.length; i++) {
                assertThat(seen[i]).as("line %s", i).isTrue();
            }
        }
    }

    @Test
    void aFloodDoesNotKeepOthersWaiting() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile loud = pump.file(folder.resolve("loud.log"), LogRig.rotating(1 << 20, 1, false));
            LogFile calm = pump.file(folder.resolve("calm.log"), LogRig.BIG);
            LogSource flood = new LogSource(rig.fifo(), loud);
            LogSource quiet = new LogSource(rig.fifo(), calm);
            pump.attach(flood);
            pump.attach(quiet);
            Process app = LogRig.start(flood.fifo(), "exec yes");
            try {
                await().until(() -> loud.segments().paths().size() > 1);
                LogRig.shell(quiet.fifo(), "echo heard");
                await().untilAsserted(() -> assertThat(calm.path()).hasContent("heard"));
                assertThat(app.isAlive()).isTrue();
                LogRig.detach(pump, flood);
            } finally {
                app.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void goesOnInANewFileWhenItIsMovedOrRemoved() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogSource source = new LogSource(rig.fifo(), pump.file(rig.log(), LogRig.BIG));
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo one");
            LogRig.sync(pump, source);
            Files.move(rig.log(), folder.resolve("elsewhere"));
            LogRig.shell(source.fifo(), "echo two");
            LogRig.sync(pump, source);
            assertThat(folder.resolve("elsewhere")).hasContent("one\n");
            assertThat(rig.log()).hasContent("two\n");
            assertThat(new ProcessBuilder("rm", "-r", rig.log().getParent().toString())
                            .start()
                            .waitFor())
                    .isZero();
            LogRig.shell(source.fifo(), "echo three");
            LogRig.sync(pump, source);
            assertThat(rig.log()).hasContent("three\n");
        }
    }

    @Test
    void goesOnAtTheNewEndWhenTheFileIsEmptiedOrLengthened() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogSource source = new LogSource(rig.fifo(), pump.file(rig.log(), LogRig.BIG));
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo a long first line");
            LogRig.sync(pump, source);
            Files.writeString(rig.log(), "");
            LogRig.shell(source.fifo(), "echo two");
            LogRig.sync(pump, source);
            Files.writeString(rig.log(), "two\nby hand\n");
            LogRig.shell(source.fifo(), "echo three");
            LogRig.sync(pump, source);
            assertThat(rig.log()).hasContent("two\nby hand\nthree\n");
        }
    }

    @Test
    void flushEmptiesTheLogAndRemovesWhatWasRotated() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 16, 5, false));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "seq 100000");
            LogRig.sync(pump, source);
            CountDownLatch done = new CountDownLatch(1);
            pump.flush(file, done::countDown);
            assertThat(done.await(10, TimeUnit.SECONDS)).isTrue();
            assertThat(file.segments().paths()).containsExactly(rig.log());
            assertThat(rig.log()).isEmptyFile();
            LogRig.shell(source.fifo(), "echo anew");
            LogRig.sync(pump, source);
            assertThat(rig.log()).hasContent("anew\n");
        }
    }

    @Test
    void aSymbolicLinkIsNotFollowed() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "mine");
        Files.createDirectories(rig.log().getParent());
        Files.createSymbolicLink(rig.log(), secret);
        try (LogPump pump = rig.pump()) {
            LogSource source = new LogSource(rig.fifo(), pump.file(rig.log(), LogRig.BIG));
            pump.attach(source);
            LogRig.shell(source.fifo(), "echo overwritten");
            LogRig.sync(pump, source);
            assertThat(secret).hasContent("mine");
            assertThat(source.file.droppedBytes()).isEqualTo(12);
            assertThat(rig.troubles()).singleElement().satisfies(trouble -> {
                assertThat(trouble.phase()).isEqualTo(LogTrouble.Phase.STARTED);
                assertThat(trouble.reason()).contains("symbolic link");
            });
        }
    }

    @Test
    void aMissingPipeIsToldToWhoeverAttachesIt() throws Exception {
        try (LogPump pump = rig.pump()) {
            LogSource source = new LogSource(folder.resolve("none"), pump.file(rig.log(), LogRig.BIG));
            assertThatThrownBy(() -> pump.attach(source))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("none");
        }
    }

    @Test
    void sleepsWhileNobodyWritesAlsoWhenAPipeHasLostItsWriters() throws Exception {
        Path fifo;
        try (LogRig keeper = new LogRig(folder);
                LogPump pump = rig.pump()) {
            fifo = keeper.fifo();
            LogSource source = new LogSource(fifo, pump.file(rig.log(), LogRig.BIG));
            pump.attach(source);
            LogRig.shell(fifo, "echo gone");
            keeper.close();
            await().untilAsserted(() -> assertThat(rig.log()).hasContent("gone\n"));
            LogRig.sync(pump, source);
            long before = ranNanosAtRest();
            LogRig.shell(Path.of("/dev/null"), "seq 3000000"); // as long as this takes, the thread must not run
            assertThat(ranNanos()).isEqualTo(before);
            LogRig.detach(pump, source);
        }
    }

    /** The same as {@link #ranNanos}, once the thread is back from what it did last: it answers before it goes to sleep. */
    private static long ranNanosAtRest() {
        AtomicLong last = new AtomicLong(-1);
        await().during(Duration.ofMillis(100)).until(() -> {
            long now = ranNanos();
            return last.getAndSet(now) == now;
        });
        return last.get();
    }

    /** How long the thread of the pump has been on a processor so far. */
    private static long ranNanos() throws IOException {
        try (var tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals("logs")) {
                    return Long.parseLong(
                            Files.readString(task.resolve("schedstat")).split(" ")[0]);
                }
            }
        }
        throw new AssertionError("no thread named logs");
    }

    private static void assertEveryNumber(String text, int count) {
        int at = 0;
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        for (int expected = 1; expected <= count; expected++) {
            int number = 0;
            while (bytes[at] != '\n') {
                number = number * 10 + bytes[at++] - '0';
            }
            at++;
            if (number != expected) {
                throw new AssertionError("line " + expected + " is " + number);
            }
        }
        assertThat(at).isEqualTo(bytes.length);
    }

    private static long used() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
