package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compartments on a host that lets us make no cgroup: real processes, found in /proc. */
class NoCgroupTest {

    private static final long MIB = 1 << 20;

    @TempDir
    Path folder;

    private final TestHost host = TestHost.without();

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    @Test
    void membersAreDescendantsOfTheKeeper() throws IOException {
        Compartment compartment = host.open(folder, CompartmentLimits.NONE);
        Pidfd program = compartment.start("sleep 1000 & echo $! >child; wait");
        int child = Integer.parseInt(compartment.waitForFile("child"));

        assertThat(compartment.cgroup.members())
                .containsExactlyInAnyOrder(compartment.keeper.pid(), program.pid(), child);
        assertThat(compartment.cgroup.enforcedByKernel()).isFalse();
    }

    /** Nobody carries a mark here: the session of the dead program leads to its child. */
    @Test
    void whatADeadProgramLeavesBehindIsFoundUntilItIsBuried() throws IOException {
        Compartment compartment = host.open(folder, CompartmentLimits.NONE);
        Pidfd program = compartment.start("sleep 1000 & echo $! >child; exit 1");
        int child = Integer.parseInt(compartment.waitForFile("child"));
        await().until(program::ended);

        assertThat(compartment.cgroup.members()).containsExactlyInAnyOrder(compartment.keeper.pid(), child);
        compartment.endAll();
        await().until(() -> Proc.HOST.stat(child).filter(stat -> !stat.zombie()).isEmpty());
        assertThat(compartment.exit(program)).isEqualTo(ExitStatus.code(1));
    }

    @Test
    void aGrandchildThatLeftItsSessionIsFoundByItsMarkAndEnds() throws IOException {
        Compartment compartment = host.open(folder, CompartmentLimits.NONE);
        String run = "run-" + ProcessHandle.current().pid();
        compartment.cgroup.begin(run);
        String escapes = "setsid sh -c '(sh -c \"echo \\$\\$ >escaped; exec sleep 1000\" &)'; exec sleep 1000";
        Pidfd program = compartment.start(Compartment.program(
                folder,
                Path.of("/bin/sh"),
                List.of("-c", escapes),
                Map.of("BULKHEAD_RUN", run, "PATH", "/usr/bin:/bin")));
        int escaped = Integer.parseInt(compartment.waitForFile("escaped"));
        assertThat(Proc.HOST.stat(escaped).orElseThrow().parent()).isNotIn(program.pid(), compartment.keeper.pid());

        compartment.endAll();

        assertThat(compartment.cgroup.members()).containsExactly(compartment.keeper.pid());
        await().until(() ->
                Proc.HOST.stat(escaped).filter(stat -> !stat.zombie()).isEmpty());
    }

    @Test
    void memoryIsSampledOverTheTree() throws IOException {
        Compartment compartment = host.open(folder, TestHost.memory(64 * MIB));
        compartment.start(
                "x=0123456789abcdef; i=0; while [ $i -lt 21 ]; do x=$x$x; i=$((i+1)); done; echo >full; read -r wait <log");
        compartment.waitForFile("full");

        await().until(() -> compartment.cgroup.usage().current() > 32 * MIB);
        Usage usage = compartment.cgroup.usage();
        assertThat(usage.limit()).isEqualTo(64 * MIB);
        assertThat(usage.processes()).isEqualTo(2);
    }

    @Test
    void whatCannotBeEnforcedIsSaid() throws IOException {
        Cgroup group = host.host.reopen("any", Optional.empty());
        assertThat(group.update(TestHost.memory(MIB))).containsExactly("memory is sampled, not enforced by the kernel");
    }
}
