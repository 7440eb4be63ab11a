package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {

    private static final Path MEMORY = Path.of("/sys/fs/cgroup/memory");

    @TempDir
    Path folder;

    private Path group;
    private Keeper keeper;
    private final List<Pidfd> programs = new ArrayList<>();
    private final List<Keeper.Answer> said = new ArrayList<>();

    @BeforeEach
    void startKeeper() throws IOException {
        assumeTrue(Files.isWritable(MEMORY.resolve("cgroup.procs")), "needs root and a v1 memory cgroup");
        group = Files.createDirectory(
                MEMORY.resolve("bulkhead-test-" + ProcessHandle.current().pid()));
        Fifo.create(folder.resolve("log"), 0600);
        FileLock lock = FileLock.tryTake(folder.resolve("lock")).orElseThrow();
        keeper = Keeper.start(
                folder, folder.resolve("log"), folder.resolve("log"), lock, List.of(group.resolve("cgroup.procs")));
        lock.close();
    }

    @AfterEach
    void endEverything() throws IOException {
        if (keeper == null) {
            return;
        }
        for (Pidfd program : programs) {
            program.signal(Signals.KILL);
            program.close();
        }
        keeper.process().signal(Signals.KILL);
        await().until(() -> keeper.process().reap().isPresent());
        keeper.close();
        await().until(() -> Files.readString(group.resolve("cgroup.procs")).isEmpty());
        Files.delete(group);
    }

    @Test
    void startsAProgramInsideItsCompartmentAndReadsHowItEnded() throws IOException {
        Pidfd first = start("kill -SEGV $$");
        assertThat(exit(first)).isEqualTo(ExitStatus.signal(Signals.SEGV));

        Pidfd second = start("exit 7");
        assertThat(exit(second)).isEqualTo(ExitStatus.code(7));

        Pidfd third = start("exec sleep 1000");
        assertThat(Files.readString(group.resolve("cgroup.procs")).lines())
                .contains(String.valueOf(third.pid()), String.valueOf(keeper.pid()));
        third.signal(Signals.KILL);
        assertThat(exit(third)).isEqualTo(ExitStatus.signal(Signals.KILL));
    }

    private Pidfd start(String script) throws IOException {
        keeper.startProgram(new SpawnFile(
                Path.of("/bin/sh"),
                List.of("-c", script),
                folder,
                Map.of("A", "b"),
                022,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty()));
        Pidfd program = Pidfd.open(answer(Keeper.Answer.Started.class).pid());
        programs.add(program);
        return program;
    }

    private ExitStatus exit(Pidfd program) throws IOException {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(program::ended);
        ProcessStat stat = Proc.HOST.stat(program.pid()).orElseThrow();
        assertThat(stat.zombie()).isTrue();
        keeper.reap(program.pid());
        assertThat(answer(Keeper.Answer.Reaped.class).pid()).isEqualTo(program.pid());
        assertThat(Proc.HOST.stat(program.pid())).isEmpty();
        return ExitStatus.fromWait(stat.exitStatus());
    }

    private <T extends Keeper.Answer> T answer(Class<T> kind) {
        await().atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(() -> {
                    said.addAll(keeper.answers());
                    return said.stream().anyMatch(kind::isInstance);
                });
        T found = said.stream()
                .filter(kind::isInstance)
                .map(kind::cast)
                .findFirst()
                .orElseThrow();
        said.remove(found);
        return found;
    }
}
