package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogTroubleTest {

    @TempDir
    Path folder;

    private LogRig rig;
    private Path disk;

    @BeforeEach
    void rig() throws Exception {
        rig = new LogRig(folder);
        disk = Files.createDirectory(folder.resolve("log"));
    }

    @AfterEach
    void close() throws IOException {
        rig.close();
    }

    @Test
    void aFullDiskDropsCountsTellsAndHoldsUpNobody() throws Exception {
        smallDisk();
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(rig.log(), LogRig.rotating(1 << 28, 3, true));
            LogSource source = new LogSource(rig.fifo(), file);
            LogSource neighbour = new LogSource(rig.fifo(), pump.file(folder.resolve("other.log"), LogRig.BIG));
            pump.attach(source);
            pump.attach(neighbour);
            LogRig.shell(source.fifo(), "yes | head -c 50000000");
            LogRig.sync(pump, source);
            long kept = Files.size(rig.log());
            assertThat(kept).isBetween(500_000L, 1L << 20);
            assertThat(file.droppedBytes()).isEqualTo(50_000_000 - kept);
            assertThat(rig.troubles()).hasSize(1);
            assertThat(rig.troubles().getFirst().phase()).isEqualTo(LogTrouble.Phase.STARTED);
            assertThat(rig.troubles().getFirst().reason()).contains("No space left on device");
            LogRig.shell(neighbour.fifo(), "echo fine");
            LogRig.sync(pump, neighbour);
            assertThat(neighbour.file.path()).hasContent("fine\n");

            Files.writeString(rig.log(), "");
            await().until(() -> {
                LogRig.shell(source.fifo(), "echo back");
                LogRig.sync(pump, source);
                return Files.readString(rig.log()).endsWith("back\n");
            });
            assertThat(rig.troubles()).hasSize(2).last().satisfies(trouble -> {
                assertThat(trouble.phase()).isEqualTo(LogTrouble.Phase.ENDED);
                assertThat(trouble.droppedBytes()).isEqualTo(file.droppedBytes());
            });
            assertThat(Files.readAllLines(rig.log()).getFirst())
                    .isEqualTo("-- bulkhead: " + file.droppedBytes()
                            + " bytes of output are lost here: splice: No space left on device --");
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void stampedLinesAreCountedToo() throws Exception {
        smallDisk();
        try (LogPump pump = rig.pump()) {
            LogFile file = pump.file(
                    rig.log(),
                    new io.bulkhead.spec.LogSpec(1L << 28, 3, true, true, false, java.util.Optional.empty()));
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.shell(source.fifo(), "yes 123456789012345678901234 | head -c 10000000");
            LogRig.sync(pump, source);
            assertThat(file.droppedBytes()).isGreaterThan(9_000_000);
            assertThat(rig.troubles()).hasSize(1);
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void aFolderThatTurnsReadOnlyIsTriedAgain() throws Exception {
        smallDisk();
        try (LogPump pump = rig.pump()) {
            run("mount", "-o", "remount,ro", disk.toString());
            LogFile file = pump.file(rig.log(), LogRig.BIG);
            LogSource source = new LogSource(rig.fifo(), file);
            pump.attach(source);
            LogRig.sync(pump, source);
            assertThat(rig.troubles())
                    .singleElement()
                    .satisfies(trouble -> assertThat(trouble.reason()).contains("Read-only file system"));
            LogRig.shell(source.fifo(), "echo lost");
            LogRig.sync(pump, source);
            assertThat(file.droppedBytes()).isEqualTo(5);
            run("mount", "-o", "remount,rw", disk.toString());
            await().until(() -> {
                LogRig.shell(source.fifo(), "echo back");
                LogRig.sync(pump, source);
                return Files.exists(rig.log()) && Files.readString(rig.log()).endsWith("--\nback\n");
            });
        } finally {
            run("umount", disk.toString());
        }
    }

    @Test
    void speaksAtMostOnceAMinuteAndAlwaysOfTheEnd() {
        List<String> told = new ArrayList<>();
        LogOutage outage =
                new LogOutage(Path.of("api.log"), trouble -> told.add(trouble.phase() + " " + trouble.droppedBytes()));
        outage.failed("full", 0, 1000);
        outage.lost(10, 2000);
        assertThat(outage.waits(1999)).isTrue();
        assertThat(outage.waits(2000)).isFalse();
        outage.lost(10, 61_000);
        outage.lost(10, 62_000);
        outage.over();
        outage.failed("full", 7, 63_000);
        outage.over();
        assertThat(told).containsExactly("STARTED 0", "CONTINUES 20", "ENDED 30");
        outage.failed("full", 8, 122_000);
        outage.over();
        assertThat(told).endsWith("STARTED 8", "ENDED 8");
        assertThat(outage.droppedEver()).isEqualTo(45);
    }

    /** Skipped where this user may not mount. */
    private void smallDisk() throws Exception {
        int mounted = new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.toString())
                .redirectErrorStream(true)
                .start()
                .waitFor();
        assumeThat(mounted).as("mount of a small tmpfs").isZero();
    }

    private static void run(String... command) throws Exception {
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor())
                .as(String.join(" ", command))
                .isZero();
    }
}
