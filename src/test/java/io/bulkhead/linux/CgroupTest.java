package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compartments that the kernel of this host holds. */
class CgroupTest {

    private static final long MIB = 1 << 20;

    /** Doubles a string until the kernel ends it. */
    private static final String EATS_MEMORY = "x=0123456789abcdef; while :; do x=$x$x; done";

    /** Leaves session, parents and process group behind, and says who it is. */
    private static final String ESCAPES =
            "setsid sh -c '(env -i sh -c \"echo \\$\\$ >escaped; exec sleep 1000\" &) ' ; exec sleep 1000";

    @TempDir
    Path folder;

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.withMemoryCgroup();
    }

    @AfterEach
    void close() throws IOException {
        if (host != null) {
            host.close();
        }
    }

    @Test
    void theKernelKillsAProgramAtItsLimitAndTheCountSaysSo() throws IOException {
        Compartment compartment = host.open(folder, TestHost.memory(64 * MIB));
        compartment.cgroup.begin("run-1");
        Usage before = compartment.cgroup.usage();
        assertThat(before.limit()).isEqualTo(64 * MIB);

        assertThat(compartment.exit(compartment.start(EATS_MEMORY))).isEqualTo(ExitStatus.signal(Signals.KILL));

        Usage after = compartment.cgroup.usage();
        assertThat(after.oomKills() - before.oomKills()).isEqualTo(1);
        assertThat(after.limitHits()).isGreaterThan(before.limitHits());
        assertThat(after.peak()).isBetween(60 * MIB, 64 * MIB);
        assertThat(after.current()).isLessThan(10 * MIB);
        assertThat(compartment.keeper.process().ended()).isFalse();
    }

    @Test
    void aKillByAPersonIsNotCountedAsTheKernels() throws IOException {
        Compartment compartment = host.open(folder, TestHost.memory(64 * MIB));
        Pidfd program = compartment.start("exec sleep 1000");
        program.signal(Signals.KILL);
        compartment.exit(program);

        assertThat(compartment.cgroup.usage().oomKills()).isZero();
    }

    @Test
    void pageCacheIsNotUse() throws IOException {
        Compartment compartment = host.open(folder, TestHost.memory(64 * MIB));
        assertThat(compartment.exit(compartment.start("dd if=/dev/zero of=big bs=1M count=100 2>/dev/null")))
                .isEqualTo(ExitStatus.code(0));

        Usage usage = compartment.cgroup.usage();
        assertThat(usage.total()).isGreaterThan(usage.current());
        assertThat(usage.current()).isLessThan(10 * MIB);
    }

    @Test
    void aGrandchildThatLeftItsSessionEndsToo() throws IOException {
        Compartment compartment = host.open(folder, CompartmentLimits.NONE);
        compartment.start(ESCAPES);
        int escaped = Integer.parseInt(compartment.waitForFile("escaped"));
        assertThat(compartment.cgroup.members()).contains(escaped);

        compartment.endAll();

        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
        await().until(() ->
                Proc.HOST.stat(escaped).filter(stat -> !stat.zombie()).isEmpty());
    }

    @Test
    void aForkBombWithinItsBoundEnds() throws IOException {
        Compartment compartment = host.open(folder, TestHost.pids(50));
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/perl")), "needs perl: a shell gives up when it cannot fork");
        compartment.start("exec /usr/bin/perl -e 'fork while 1'");
        await().until(() -> compartment.cgroup.members().size() >= 40);
        assertThat(compartment.cgroup.members()).hasSizeLessThanOrEqualTo(50);

        compartment.endAll();

        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
        assertThat(compartment.keeper.process().ended()).isFalse();
    }

    @Test
    void aForkBombWithoutABoundOfItsOwnEndsToo() throws IOException {
        // Bounded by itself: each of 30 replaces itself without end, faster than one round of kills looks. The memory
        // is more than
        // they reach: at a limit the kernel would kill too, and where it has no CAP_SYS_RESOURCE also the keeper.
        Compartment compartment = host.open(folder, TestHost.memory(512 * MIB));
        compartment.start("f() { (f) & exit; }; i=0; while [ $i -lt 30 ]; do (f) & i=$((i+1)); done; exec sleep 1000");
        await().until(() -> compartment.cgroup.members().size() >= 20);

        compartment.endAll();

        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
        assertThat(compartment.exit(compartment.start("exit 6"))).isEqualTo(ExitStatus.code(6));
    }

    @Test
    void limitsChangeWhileItRuns() throws IOException {
        Compartment compartment = host.open(folder, TestHost.memory(64 * MIB));
        Pidfd program = compartment.start("exec sleep 1000");

        assertThat(compartment.cgroup.update(TestHost.memory(256 * MIB))).isEmpty();
        assertThat(compartment.cgroup.usage().limit()).isEqualTo(256 * MIB);
        assertThat(compartment.cgroup.update(TestHost.memory(32 * MIB))).isEmpty();
        assertThat(compartment.cgroup.usage().limit()).isEqualTo(32 * MIB);
        assertThat(compartment.cgroup.update(CompartmentLimits.NONE)).isEmpty();
        assertThat(compartment.cgroup.usage().limit()).isZero();

        CompartmentLimits all =
                new CompartmentLimits(OptionalLong.of(64 * MIB), 0, OptionalInt.of(20), OptionalDouble.of(0.5));
        assertThat(compartment.cgroup.update(all)).isEmpty();
        assertThat(compartment.cgroup.members()).contains(program.pid());
        assertThat(Proc.HOST.cgroup(program.pid(), "pids"))
                .hasValueSatisfying(group ->
                        assertThat(group).endsWith("/" + TestHost.folderName() + "/" + compartment.cgroup.name()));
    }

    @Test
    void aLimitBelowWhatIsInUseIsRefusedInWords() throws IOException {
        assumeTrue(host.host.kind() == CgroupHost.Kind.V1, "only v1 refuses; v2 kills");
        Compartment compartment = host.open(folder, TestHost.memory(128 * MIB));
        compartment.start(
                "x=0123456789abcdef; i=0; while [ $i -lt 21 ]; do x=$x$x; i=$((i+1)); done; echo >full; while :; do sleep 1; done");
        compartment.waitForFile("full");

        assertThatThrownBy(() -> compartment.cgroup.update(TestHost.memory(8 * MIB)))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("memory of test-0 cannot be limited to 8388608 bytes: it uses ");
        assertThat(compartment.cgroup.usage().limit()).isEqualTo(128 * MIB);
    }

    @Test
    void aSecondCompartmentOfTheNameIsRefusedWhileTheFirstLives() throws IOException {
        Compartment compartment = host.open(folder, CompartmentLimits.NONE);

        assertThatThrownBy(() -> host.host.create(
                        compartment.cgroup.name(), Optional.empty(), CompartmentLimits.NONE, new ArrayList<>()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(String.valueOf(compartment.keeper.pid()));
        assertThat(host.host.existing()).contains(compartment.cgroup.name());
    }

    @Test
    void anEmptyOneLeftBehindIsReplaced() throws IOException {
        List<String> cannot = new ArrayList<>();
        host.host.create("left", Optional.empty(), CompartmentLimits.NONE, cannot);
        Cgroup again = host.host.create("left", Optional.empty(), TestHost.memory(64 * MIB), cannot);

        assertThat(cannot).isEmpty();
        assertThat(again.usage().limit()).isEqualTo(64 * MIB);
        await().atMost(Duration.ofSeconds(5)).until(again::destroyStep);
        assertThat(host.host.existing()).doesNotContain("left");
    }
}
