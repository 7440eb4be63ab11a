package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeeperTest {

    @TempDir
    Path folder;

    private TestHost host;
    private Compartment compartment;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.withMemoryCgroup();
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
        first.startProgram(Compartment.shell(folder, "exit 5"));

        try (Keeper second = Keeper.reopen(folder, first.pid())) {
            await().until(() -> {
                List<Keeper.Answer> answers = second.answers();
                return answers.stream().anyMatch(Keeper.Answer.Started.class::isInstance);
            });
        }
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

    @Test
    void answersAreParsedAndNonsenseIsNamed() {
        assertThat(Keeper.parse("started 12")).isEqualTo(new Keeper.Answer.Started(12));
        assertThat(Keeper.parse("reaped 12 137")).isEqualTo(new Keeper.Answer.Reaped(12, 137));
        assertThat(Keeper.parse("failed user user x does not exist"))
                .isEqualTo(new Keeper.Answer.Failed("user", "user x does not exist"));
        assertThat(Keeper.parse("started")).isEqualTo(new Keeper.Answer.Strange("started"));
        assertThat(Keeper.parse("started x")).isEqualTo(new Keeper.Answer.Strange("started x"));
        assertThat(Keeper.parse("")).isEqualTo(new Keeper.Answer.Strange(""));
    }
}
