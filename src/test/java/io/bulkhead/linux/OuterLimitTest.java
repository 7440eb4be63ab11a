package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limits around compartments, held by the kernel of this host. */
class OuterLimitTest {

    private static final long MIB = 1 << 20;
    private static final String EATS_MEMORY = "x=0123456789abcdef; while :; do x=$x$x; done";
    private static final String HOLDS_64_MIB =
            "x=0123456789abcdef; i=0; while [ $i -lt 22 ]; do x=$x$x; i=$((i+1)); done; echo >full; while :; do sleep 1; done";

    @TempDir
    Path first;

    @TempDir
    Path second;

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
    void allTogetherNeverTakeMoreThanTheirLimit() throws IOException {
        Compartment greedy = host.open(first, CompartmentLimits.NONE);
        Compartment calm = host.open(second, CompartmentLimits.NONE);
        calm.start("exec sleep 1000");
        assertThat(host.host.limitAll(96 * MIB)).isEmpty();

        Pidfd program = greedy.start(EATS_MEMORY);

        assertThat(greedy.exit(program)).isEqualTo(ExitStatus.signal(Signals.KILL));
        Cgroup.Marks marks = greedy.cgroup.marks();
        assertThat(marks.oomKills()).isEqualTo(1);
        assertThat(marks.limitHits()).isZero();
        assertThat(marks.allHits()).isPositive();
        assertThat(marks.poolHits()).isZero();
        assertThat(marks.peak()).isLessThan(97 * MIB);
        assertThat(calm.cgroup.marks().oomKills()).isZero();
    }

    @Test
    void aLimitBelowWhatIsUsedKillsNobodyAndComesLater() throws IOException {
        Compartment compartment = host.open(first, CompartmentLimits.NONE);
        Pidfd program = compartment.start(HOLDS_64_MIB);
        compartment.waitForFile("full");

        assertThat(host.host.limitAll(16 * MIB)).hasSize(1).first().asString().contains("use more than 16777216 bytes");
        assertThat(program.ended()).isFalse();
        assertThat(compartment.cgroup.marks().oomKills()).isZero();

        compartment.endAll();
        List<String> cannot = new ArrayList<>();
        host.host.create("next", Optional.empty(), CompartmentLimits.NONE, cannot);
        assertThat(cannot).isEmpty();
        Path around = compartment.cgroup.folder().orElseThrow().getParent();
        assertThat(limitOf(around)).isEqualTo(16 * MIB);
        assertThat(host.host.reopen("next", Optional.empty()).destroyStep()).isTrue();
    }

    @Test
    void aPoolLimitsItsMembersAndGoesWithTheLast() throws IOException {
        assertThat(host.host.limitPools(Map.of("workers", 64 * MIB))).isEmpty();
        Compartment member = host.open(first, Optional.of("workers"), CompartmentLimits.NONE);
        Path group = member.cgroup.folder().orElseThrow();
        Path pool = group.getParent();
        assertThat(limitOf(pool)).isEqualTo(64 * MIB);
        assertThat(host.host.existing()).containsExactly(member.cgroup.name());

        assertThat(member.exit(member.start(EATS_MEMORY))).isEqualTo(ExitStatus.signal(Signals.KILL));
        Cgroup.Marks marks = member.cgroup.marks();
        assertThat(marks.oomKills()).isEqualTo(1);
        assertThat(marks.limitHits()).isZero();
        assertThat(marks.poolHits()).isPositive();
        assertThat(marks.allHits()).isZero();

        assertThat(host.host.limitPools(Map.of("workers", 128 * MIB))).isEmpty();
        assertThat(limitOf(pool)).isEqualTo(128 * MIB);
        assertThat(host.host.reopen(member.cgroup.name(), Optional.of(group)).members())
                .containsExactly(member.keeper.pid());
        host.host.removeEmptyPools();
        assertThat(pool).exists();
        host.end(member);
        host.host.removeEmptyPools();
        assertThat(pool).doesNotExist();
    }

    @Test
    void withoutCgroupsItIsSaid() throws IOException {
        CgroupHost none = CgroupHost.none("a test wants none");
        assertThat(none.limitAll(MIB)).hasSize(1).first().asString().contains("not limited");
        assertThat(none.limitPools(Map.of("workers", MIB))).isEmpty();
        List<String> cannot = new ArrayList<>();
        none.create("one", Optional.of("workers"), CompartmentLimits.NONE, cannot);
        assertThat(cannot)
                .hasSize(1)
                .first()
                .asString()
                .contains("pool workers")
                .contains("not enforced");
    }

    private static long limitOf(Path group) throws IOException {
        Path unified = group.resolve("memory.max");
        Path file = Files.exists(unified) ? unified : group.resolve("memory.limit_in_bytes");
        return Long.parseLong(Files.readString(file).strip());
    }
}
