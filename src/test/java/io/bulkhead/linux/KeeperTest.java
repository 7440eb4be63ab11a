package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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

    private static final Path OOM_SCORE = Path.of("/proc/self/oom_score_adj");

    @TempDir
    Path folder;

    private TestHost host;
    private Compartment compartment;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.best();
        compartment = host.open(folder, CompartmentLimits.NONE);
    }

    @AfterEach
    void close() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void tellsExactlyHowAProgramEndedAndStartsTheNextOne() throws IOException {
        assertThat(compartment.exit(compartment.start("kill -SEGV $$"))).isEqualTo(ExitStatus.signal(Signals.SEGV));
        assertThat(compartment.exit(compartment.start("exit 7"))).isEqualTo(ExitStatus.code(7));
        // A shell would call this a SIGKILL.
        assertThat(compartment.exit(compartment.start("exit 137"))).isEqualTo(ExitStatus.code(137));
        assertThat(compartment.exit(compartment.start("exit 0"))).isEqualTo(ExitStatus.code(0));
    }

    @Test
    void programsAreBornInTheCompartment() throws IOException {
        Pidfd program = compartment.start("exec sleep 1000");

        assertThat(compartment.cgroup.members()).containsExactlyInAnyOrder(compartment.keeper.pid(), program.pid());
        program.signal(Signals.KILL);
        assertThat(compartment.exit(program)).isEqualTo(ExitStatus.signal(Signals.KILL));
        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
    }

    @Test
    void atTheMemoryLimitTheKernelShallTakeTheProgram() throws IOException {
        String own = Files.readString(OOM_SCORE).strip();

        compartment.start("cat /proc/self/oom_score_adj >score; exec sleep 1000");

        assertThat(compartment.waitForFile("score")).isEqualTo(own);
        assertThat(Path.of("/proc/" + compartment.keeper.pid() + "/oom_score_adj"))
                .hasContent(Capabilities.probe(host.host).mayRaiseLimits() ? "-1000" : own);
    }

    @Test
    void theZombieKeepsItsStatusUntilItIsAskedFor() throws IOException {
        Pidfd program = compartment.start("exit 3");
        await().until(program::ended);

        assertThat(Proc.HOST.stat(program.pid()))
                .hasValueSatisfying(stat -> assertThat(stat.zombie()).isTrue());
        assertThat(compartment.exit(program)).isEqualTo(ExitStatus.code(3));
    }

    @Test
    void aLaterDaemonTakesOverAndReadsWhatWasNeverRead() throws IOException {
        Keeper first = compartment.keeper;
        first.startProgram(Compartment.shell(folder, "exit 5"), Map.of());

        try (Keeper second = Keeper.reopen(folder, first.pid())) {
            await().until(() -> {
                List<Keeper.Answer> answers = second.answers();
                return answers.stream().anyMatch(Keeper.Answer.Started.class::isInstance);
            });
        }
    }

    @Test
    void theKeeperOfAnotherVersionIsKnownByItsScript() throws IOException {
        Keeper first = compartment.keeper;
        assertThat(first.isOurs()).isTrue();
        Path script = folder.resolve("keeper.sh");
        Files.writeString(script, Files.readString(script) + "# another version\n");

        try (Keeper second = Keeper.reopen(folder, first.pid())) {
            assertThat(second.isOurs()).isFalse();
        }
        assertThat(Keeper.keeps(
                        Proc.HOST.commandLine(first.pid()),
                        folder.getFileName().toString().split("-")[0]))
                .isTrue();
        assertThat(Keeper.keeps(
                        Proc.HOST.commandLine((int) ProcessHandle.current().pid()), "junit"))
                .isFalse();
    }

    @Test
    void ownSessionAndDefaultSignals() throws IOException {
        Pidfd program =
                compartment.start("grep -E '^Sig(Blk|Ign)' /proc/self/status >sig; echo >>sig; exec sleep 1000");

        assertThat(compartment.waitForFile("sig").replaceAll("\\s+", " "))
                .isEqualTo("SigBlk: 0000000000000000 SigIgn: 0000000000000000");
        ProcessStat stat = Proc.HOST.stat(program.pid()).orElseThrow();
        assertThat(stat.session()).isEqualTo(program.pid());
        assertThat(stat.processGroup()).isEqualTo(program.pid());
        assertThat(stat.parent()).isEqualTo(compartment.keeper.pid());
    }

    @Test
    void programAndKeeperHoldTheLockAndNobodyElseGetsIt() throws IOException {
        Path lock = folder.resolve("lock");
        Pidfd program = compartment.start("exec sleep 1000");
        assertThat(FileLock.tryTake(lock)).isEmpty();

        compartment.keeper.process().signal(Signals.KILL);
        await().until(compartment.keeper.process()::ended);
        assertThat(FileLock.tryTake(lock)).isEmpty();

        program.signal(Signals.KILL);
        await().until(program::ended);
        try (FileLock taken = FileLock.tryTake(lock).orElseThrow()) {
            assertThat(FileLock.takenBy(lock))
                    .hasValue((int) ProcessHandle.current().pid());
            assertThat(taken.fd()).isPositive();
        }
    }

    @Test
    void aFailedStepIsToldAndTheKeeperLivesOn() throws IOException {
        Path nowhere = folder.resolve("missing");
        Pidfd program = compartment.start(Compartment.shell(nowhere, "exit 0"));

        Keeper.Answer.Failed failed = compartment.answer(Keeper.Answer.Failed.class);
        assertThat(failed.step()).isEqualTo("working_dir");
        assertThat(failed.message()).contains(nowhere.toString());
        assertThat(compartment.exit(program)).isEqualTo(ExitStatus.code(Keeper.FAILED_STEP_CODE));
        assertThat(compartment.exit(compartment.start("exit 4"))).isEqualTo(ExitStatus.code(4));
    }

    @Test
    void quitEndsTheKeeperAndNotTheProgram() throws IOException {
        Pidfd program = compartment.start("exec sleep 1000");
        compartment.keeper.quit();
        await().until(compartment.keeper.process()::ended);

        assertThat(program.ended()).isFalse();
    }

    /** A shell that reaps on its own leaves only its own figure, marked as such. */
    @Test
    void anotherShellKeepsToo() throws IOException {
        Path bash = Path.of("/bin/bash");
        assumeTrue(Files.isExecutable(bash), "needs bash");
        Path other = Files.createDirectory(folder.resolve("other"));
        Cgroup group = host.host.create("bash", Optional.empty(), CompartmentLimits.NONE, new ArrayList<>());
        try (Compartment second = new Compartment(other, group, bash, List.of())) {
            second.keeper.startProgram(Compartment.shell(other, "kill -9 $$"), Map.of());
            int pid = second.answer(Keeper.Answer.Started.class).pid();
            await().until(() ->
                    Proc.HOST.stat(pid).filter(stat -> !stat.zombie()).isEmpty());
            second.keeper.reap(pid);

            Keeper.Answer.Reaped reaped = second.answer(Keeper.Answer.Reaped.class);
            assertThat(reaped).isEqualTo(new Keeper.Answer.Reaped(pid, 137));
            assertThat(ExitStatus.fromShell(reaped.status()))
                    .isEqualTo(new ExitStatus(OptionalInt.empty(), OptionalInt.of(9), false));
        }
    }

    @Test
    void aKeeperThatCannotJoinSaysSo() throws IOException {
        Path other = Files.createDirectory(folder.resolve("other"));
        Path nowhere = folder.resolve("missing/cgroup.procs");
        Fifo.create(other.resolve("log"), 0600);
        try (FileLock lock = FileLock.tryTake(other.resolve("lock")).orElseThrow();
                Keeper keeper = Keeper.start(
                        other, other.resolve("log"), other.resolve("log"), lock, List.of(), List.of(nowhere))) {
            List<Keeper.Answer> said = new ArrayList<>();
            await().until(() -> {
                said.addAll(keeper.answers());
                return said.size() == 2;
            });
            assertThat(said)
                    .containsExactly(
                            new Keeper.Answer.Failed("compartment", "cannot join " + nowhere),
                            new Keeper.Answer.Ready(keeper.pid()));
            keeper.quit();
            await().until(() -> keeper.process().reap().isPresent());
        }
    }

    @Test
    void answersAreParsedAndNonsenseIsNamed() {
        assertThat(KeeperAnswers.parse("started 12")).isEqualTo(new Keeper.Answer.Started(12));
        assertThat(KeeperAnswers.parse("reaped 12 137")).isEqualTo(new Keeper.Answer.Reaped(12, 137));
        assertThat(KeeperAnswers.parse("failed user user x does not exist"))
                .isEqualTo(new Keeper.Answer.Failed("user", "user x does not exist"));
        assertThat(KeeperAnswers.parse("started")).isEqualTo(new Keeper.Answer.Strange("started"));
        assertThat(KeeperAnswers.parse("started x")).isEqualTo(new Keeper.Answer.Strange("started x"));
        assertThat(KeeperAnswers.parse("")).isEqualTo(new Keeper.Answer.Strange(""));
    }
}
