package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpareTest {

    private static final String FACTS = """
            env | grep -v '^BULKHEAD_RUN=' | sort
            umask; ulimit -n; pwd -P; tr -s ' ' '\\n' </proc/$$/stat | sed -n 6p | grep -qx $$ && echo leads its session
            grep -E '^(Sig(Blk|Ign)|Uid|Gid|Groups)' /proc/self/status
            for fd in 0 2 3 4 5 6 7 8 9; do readlink /proc/$$/fd/$fd || echo $fd is closed; done
            """;

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
        host.close();
    }

    private SpawnFile shell(String script) {
        return new SpawnFile(
                Path.of("/bin/sh"),
                List.of("-c", script),
                folder,
                Map.of("PATH", "/usr/bin:/bin", "word", "one", "what", "it's \"two\"\nlines", "BULKHEAD_X", "y"),
                027,
                OptionalInt.of(321),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                List.of());
    }

    private int spare(SpawnFile file) throws IOException {
        compartment.keeper.prepareSpare(file);
        int pid = compartment.answer(Keeper.Answer.Spare.class).pid();
        await().until(() -> Keeper.isSpare(Proc.HOST, pid));
        return pid;
    }

    @Test
    void becomesExactlyWhatAStartMakes() throws IOException {
        compartment.exit(compartment.start(shell("{ " + FACTS + "} >facts; echo end >>facts")));
        String started = compartment.waitForFile("facts");
        Files.delete(folder.resolve("facts"));

        int spare = spare(shell("{ " + FACTS + "} >facts; echo end >>facts"));
        assertThat(folder.resolve("facts")).doesNotExist();
        try (Pidfd program = Pidfd.open(spare)) {
            compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2"));
            assertThat(compartment.exit(program)).isEqualTo(ExitStatus.code(0));
        }

        assertThat(compartment.waitForFile("facts")).isEqualTo(started);
        assertThat(started).contains("leads its session", "word=one", "321", "0027", "SigIgn:\t0000000000000000");
        assertThat(compartment.otherAnswers()).isEmpty();
    }

    @Test
    void getsTheMarksOfItsRun() throws IOException {
        int spare = spare(shell("echo \"$BULKHEAD_RUN $BULKHEAD_CAUSE $BULKHEAD_X\" >marks; exec sleep 1000"));
        compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2", "BULKHEAD_CAUSE", "crash"));

        assertThat(compartment.waitForFile("marks")).isEqualTo("r-2 crash y");
        assertThat(Keeper.isSpare(Proc.HOST, spare)).isFalse();
        assertThat(Proc.HOST.environment(spare, "BULKHEAD_RUN")).hasValue("r-2");
    }

    @Test
    void aWordForAnotherIsNotObeyed() throws IOException {
        int first = spare(shell("echo first >first; exec sleep 1000"));
        compartment.keeper.become(first + 1_000_000, Map.of("BULKHEAD_RUN", "r-1"));
        compartment.keeper.become(first, Map.of("BULKHEAD_RUN", "r-2"));
        compartment.waitForFile("first");

        assertThat(Proc.HOST.environment(first, "BULKHEAD_RUN")).hasValue("r-2");
    }

    @Test
    void entersItsFolderWhereThePathLeadsThen() throws IOException {
        Path one = Files.createDirectory(folder.resolve("release-1"));
        Path two = Files.createDirectory(folder.resolve("release-2"));
        Path current = Files.createSymbolicLink(folder.resolve("current"), one);
        int spare = spare(Compartment.shell(current, "pwd -P >../where; exec sleep 1000"));
        Files.delete(current);
        Files.createSymbolicLink(current, two);
        compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2"));

        assertThat(compartment.waitForFile("where")).isEqualTo(two.toRealPath().toString());
    }

    @Test
    void aFolderThatIsGoneByThenIsToldAsAFailedStep() throws IOException {
        Path place = Files.createDirectory(folder.resolve("place"));
        int spare = spare(Compartment.shell(place, "exit 0"));
        Files.delete(place);
        try (Pidfd program = Pidfd.open(spare)) {
            compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2"));

            assertThat(compartment.answer(Keeper.Answer.Failed.class).step()).isEqualTo("working_dir");
            assertThat(compartment.exit(program)).isEqualTo(ExitStatus.code(Keeper.FAILED_STEP_CODE));
        }
    }

    @Test
    void whatOnlyEnvCanPassOnFitsNoSpare() {
        assertThat(shell("").fitsSpare()).isTrue();
        assertThat(Compartment.program(folder, Path.of("/bin/true"), List.of(), Map.of("a.b", "1"))
                        .fitsSpare())
                .isFalse();
        assertThat(Compartment.program(folder, Path.of("/bin/true"), List.of(), Map.of("LD_PRELOAD", "/x.so"))
                        .fitsSpare())
                .isFalse();
    }
}
