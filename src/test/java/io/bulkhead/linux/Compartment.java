package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A keeper in a cgroup for one test; closing it ends every process it ever held and removes the group. */
final class Compartment implements AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration OFTEN = Duration.ofMillis(2);

    final Path folder;
    final Path log;
    final Cgroup cgroup;
    final Keeper keeper;
    private final int logReader;
    private final List<Pidfd> programs = new ArrayList<>();
    private final List<Keeper.Answer> said = new ArrayList<>();

    Compartment(Path folder, Cgroup cgroup) throws IOException {
        this(folder, cgroup, Keeper.shell(), List.of());
    }

    Compartment(Path folder, Cgroup cgroup, Path shell, List<ListenSocket> sockets) throws IOException {
        this.folder = folder;
        this.cgroup = cgroup;
        this.log = folder.resolve("log");
        Fifo.create(log, 0600);
        logReader = Fifo.open(log);
        try (FileLock lock = FileLock.tryTake(folder.resolve("lock")).orElseThrow()) {
            keeper = Keeper.start(shell, folder, log, log, lock, sockets, cgroup.joins());
        }
        cgroup.keptBy(keeper.pid());
        assertThat(answer(Keeper.Answer.Ready.class).pid()).isEqualTo(keeper.pid());
    }

    static SpawnFile shell(Path folder, String script) {
        return program(folder, Path.of("/bin/sh"), List.of("-c", script), Map.of());
    }

    static SpawnFile program(Path folder, Path program, List<String> arguments, Map<String, String> environment) {
        return new SpawnFile(
                program,
                arguments,
                folder,
                environment,
                022,
                OptionalInt.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                List.of());
    }

    Pidfd start(String script) throws IOException {
        return start(shell(folder, script));
    }

    Pidfd start(SpawnFile file) throws IOException {
        keeper.startProgram(file, Map.of());
        Pidfd program = Pidfd.open(answer(Keeper.Answer.Started.class).pid());
        programs.add(program);
        return program;
    }

    /** Waits for its end, reads how it ended from the zombie and has it buried. */
    ExitStatus exit(Pidfd program) throws IOException {
        await().atMost(LONG).pollInterval(OFTEN).until(program::ended);
        ExitStatus status = Proc.HOST.exitStatus(program.pid()).orElseThrow();
        keeper.reap(program.pid());
        assertThat(answer(Keeper.Answer.Reaped.class).pid()).isEqualTo(program.pid());
        assertThat(Proc.HOST.stat(program.pid())).isEmpty();
        return status;
    }

    <T extends Keeper.Answer> T answer(Class<T> kind) {
        await().atMost(LONG).pollInterval(OFTEN).until(() -> {
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

    List<Keeper.Answer> otherAnswers() throws IOException {
        said.addAll(keeper.answers());
        return said;
    }

    /** Reads one line that a program wrote to {@code file} in the folder, once it is complete. */
    String waitForFile(String file) {
        Path path = folder.resolve(file);
        await().atMost(LONG)
                .pollInterval(OFTEN)
                .until(() -> Files.exists(path) && Files.readString(path).endsWith("\n"));
        return read(path).strip();
    }

    private static String read(Path path) {
        try {
            return Files.readString(path);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void endAll() {
        await().atMost(LONG).pollInterval(OFTEN).until(() -> cgroup.endAllStep(keeper.pid()));
    }

    @Override
    public void close() throws IOException {
        endAll();
        // Without a cgroup, what lost its keeper and carries no mark is found by nobody but us.
        for (Pidfd program : programs) {
            program.signal(Signals.KILL);
        }
        keeper.process().signal(Signals.KILL);
        await().atMost(LONG)
                .pollInterval(OFTEN)
                .until(() -> keeper.process().reap().isPresent());
        keeper.close();
        programs.forEach(Pidfd::close);
        Fd.close(logReader);
        await().atMost(LONG).pollInterval(OFTEN).until(cgroup::destroyStep);
    }
}
