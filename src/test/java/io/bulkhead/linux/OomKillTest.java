package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OomKillTest {

    @TempDir
    Path folder;

    @Test
    void aGroupAtItsLimit() {
        assertThat(
                        OomKill.parse(
                                "6,1234,5678,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,"
                                        + "oom_memcg=/bulkhead/api-0,task_memcg=/bulkhead/api-0,task=MainThread,pid=812,uid=1000\n SUBSYSTEM=x\n"))
                .hasValueSatisfying(kill -> {
                    assertThat(kill.hostWide()).isFalse();
                    assertThat(kill.limitGroup()).isEqualTo("/bulkhead/api-0");
                    assertThat(kill.victimGroup()).isEqualTo("/bulkhead/api-0");
                    assertThat(kill.task()).isEqualTo("MainThread");
                    assertThat(kill.pid()).isEqualTo(812);
                    assertThat(kill.line()).startsWith("oom-kill:constraint").endsWith("uid=1000");
                });
    }

    @Test
    void theWholeHost() {
        assertThat(OomKill.parse(
                        "oom-kill:constraint=CONSTRAINT_NONE,nodemask=(null),cpuset=/,mems_allowed=0,global_oom,"
                                + "task_memcg=/bulkhead/api-0,task=a,pid=7,uid=0 b,pid=812,uid=1000"))
                .hasValueSatisfying(kill -> {
                    assertThat(kill.hostWide()).isTrue();
                    assertThat(kill.limitGroup()).isEmpty();
                    assertThat(kill.task()).isEqualTo("a,pid=7,uid=0 b");
                });
    }

    @Test
    void otherRecordsAreNone() {
        assertThat(OomKill.parse("6,1,2,-;Out of memory: Killed process 12 (node)"))
                .isEmpty();
        assertThat(OomKill.parse("6,1,2,-;Out of memory: Killed process x (node) total-vm:1kB"))
                .isEmpty();
        assertThat(OomKill.parse("oom-kill:constraint=CONSTRAINT_MEMCG,task_memcg=/x,task=y,pid=z,uid=0"))
                .isEmpty();
        assertThat(OomKill.parse("oom-kill:constraint=")).isEmpty();
        assertThat(OomKill.parse("")).isEmpty();
    }

    @Test
    void withoutPermissionThereIsNoKmsg() {
        assertThat(Kmsg.open(folder.resolve("kmsg"))).isEmpty();
    }

    @Test
    void theKernelsOwnRecordNamesGroupAndProcess() throws IOException {
        Optional<Kmsg> kmsg = Kmsg.open();
        assumeTrue(kmsg.isPresent(), "needs permission to read /dev/kmsg");
        try (Kmsg open = kmsg.get();
                TestHost host = TestHost.withMemoryCgroup()) {
            Compartment compartment = host.open(folder, TestHost.memory(32 << 20));
            Pidfd program = compartment.start("x=0123456789abcdef; while :; do x=$x$x; done");
            assertThat(compartment.exit(program)).isEqualTo(ExitStatus.signal(Signals.KILL));

            List<OomKill> kills = new ArrayList<>();
            await().until(() -> {
                kills.addAll(open.oomKills());
                return kills.stream().anyMatch(kill -> kill.pid() == program.pid());
            });
            OomKill kill = kills.stream()
                    .filter(each -> each.pid() == program.pid())
                    .findFirst()
                    .orElseThrow();
            assertThat(kill.hostWide()).isFalse();
            assertThat(kill.limitGroup()).endsWith("/" + compartment.cgroup.name());
        }
    }

    private static OomKill withoutLine(OomKill kill) {
        return new OomKill(
                kill.hostWide(),
                kill.limitGroup(),
                kill.victimGroup(),
                kill.task(),
                kill.pid(),
                kill.residentBytes(),
                "");
    }
}
