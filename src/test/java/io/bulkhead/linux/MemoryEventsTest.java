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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel of this host tells of memory, by real kills. */
class MemoryEventsTest {

    private static final long MIB = 1 << 20;
    private static final String EATS_MEMORY = "x=0123456789abcdef; while :; do x=$x$x; done";

    /** Holds about 64 MiB until it is told to end. */
    private static final String HOLDS_MEMORY =
            "x=0123456789abcdef; i=0; while [ $i -lt 22 ]; do x=$x$x; i=$((i+1)); done; echo >full; read -r word <end";

    @TempDir
    Path first;

    @TempDir
    Path second;

    private TestHost host;
    private Epoll epoll;
    private MemoryEvents events;
    private final List<String> news = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        host = TestHost.withMemoryCgroup();
        epoll = new Epoll();
        events = MemoryEvents.open(host.host);
        epoll.add(events.fd(), Epoll.IN);
    }

    @AfterEach
    void close() throws IOException {
        if (host != null) {
            events.close();
            epoll.close();
            host.close();
        }
    }

    @Test
    void aKillIsToldOfTheCompartmentItHitAndOfNoOther() throws IOException {
        Compartment killed = host.open(first, TestHost.memory(32 * MIB));
        Compartment calm = host.open(second, TestHost.memory(32 * MIB));
        events.onKill(killed.cgroup, () -> news.add("killed")).orElseThrow();
        events.onKill(calm.cgroup, () -> news.add("calm")).orElseThrow();
        calm.start("exec sleep 1000");
        assertThat(heard(Duration.ofMillis(50))).isEmpty();

        Pidfd program = killed.start(EATS_MEMORY);

        await().until(() -> !heard(Duration.ofMillis(100)).isEmpty());
        assertThat(killed.exit(program)).isEqualTo(ExitStatus.signal(Signals.KILL));
        assertThat(killed.cgroup.marks().oomKills()).isEqualTo(1);
        assertThat(heard(Duration.ofMillis(50))).containsOnly("killed");
    }

    @Test
    void aKilledChildIsToldWhileItsParentLives() throws IOException {
        Compartment compartment = host.open(first, TestHost.memory(32 * MIB));
        events.onKill(compartment.cgroup, () -> news.add("killed")).orElseThrow();
        Pidfd program = compartment.start("sh -c '" + EATS_MEMORY + "'; exec sleep 1000");

        await().until(() -> !heard(Duration.ofMillis(100)).isEmpty());
        await().until(() -> compartment.cgroup.marks().oomKills() == 1);
        assertThat(program.ended()).isFalse();
    }

    @Test
    void whoeverWatchesTheSameIsToldTooUntilHeEnds() throws IOException {
        Compartment compartment = host.open(first, TestHost.memory(32 * MIB));
        MemoryEvents.Watch one =
                events.onKill(compartment.cgroup, () -> news.add("one")).orElseThrow();
        events.onKill(compartment.cgroup, () -> news.add("two")).orElseThrow();
        one.close();
        one.close();

        compartment.exit(compartment.start(EATS_MEMORY));

        await().until(() -> heard(Duration.ofMillis(100)).contains("two"));
        assertThat(news).doesNotContain("one");
    }

    @Test
    void pageCacheAtTheLimitIsNoNews() throws IOException {
        Compartment compartment = host.open(first, TestHost.memory(32 * MIB));
        events.onKill(compartment.cgroup, () -> news.add("killed")).orElseThrow();
        assertThat(compartment.exit(compartment.start("dd if=/dev/zero of=big bs=1M count=100 2>/dev/null")))
                .isEqualTo(ExitStatus.code(0));

        assertThat(heard(Duration.ofMillis(100))).isEmpty();
    }

    @Test
    void aBoundIsToldOnTheWayUpAndWhenAskedAgainDownOnV1() throws IOException {
        assumeTrue(host.host.kind() == CgroupHost.Kind.V1, "v2 has no thresholds");
        Compartment compartment = host.open(first, TestHost.memory(256 * MIB));
        MemoryEvents.Watch watch = events.onUsage(compartment.cgroup, 48 * MIB, () -> news.add("crossed"))
                .orElseThrow();
        Fifo.create(first.resolve("end"), 0600);
        Pidfd program = compartment.start(HOLDS_MEMORY);

        compartment.waitForFile("full");
        await().until(() -> !heard(Duration.ofMillis(100)).isEmpty());
        assertThat(compartment.cgroup.usage().total()).isGreaterThan(48 * MIB);
        news.clear();

        watch.again();
        assertThat(heard(Duration.ofMillis(50)))
                .as("what was told is not told again")
                .isEmpty();
        Files.writeString(first.resolve("end"), "go\n");
        compartment.exit(program);

        await().until(() -> !heard(Duration.ofMillis(100)).isEmpty());
        assertThat(compartment.cgroup.usage().total()).isLessThan(48 * MIB);
        news.clear();

        Files.delete(first.resolve("full"));
        Pidfd next = compartment.start(HOLDS_MEMORY);
        compartment.waitForFile("full");
        assertThat(heard(Duration.ofMillis(100)))
                .as("nobody asked for the next one")
                .isEmpty();
        Files.writeString(first.resolve("end"), "go\n");
        compartment.exit(next);
        watch.close();
        watch.again();
    }

    @Test
    void whereNoNoticeExistsItIsSaid() throws IOException {
        Compartment compartment = host.open(first, TestHost.memory(32 * MIB));
        if (host.host.kind() == CgroupHost.Kind.V2) {
            assertThat(events.onUsage(compartment.cgroup, MIB, () -> {})).isEmpty();
        }
        assertThat(events.onKill(new NoCgroup("none", new ProcessTables(Proc.HOST)), () -> {}))
                .isEmpty();
        try (MemoryEvents silent = MemoryEvents.open(CgroupHost.none("a test wants none"))) {
            silent.tell();
            assertThat(silent.onKill(compartment.cgroup, () -> {}).isPresent())
                    .isEqualTo(host.host.kind() == CgroupHost.Kind.V1);
        }
    }

    /** What was told so far, after at most {@code longest}. */
    private List<String> heard(Duration longest) throws IOException {
        List<Integer> ready = new ArrayList<>();
        epoll.await((int) longest.toMillis(), (fd, what) -> ready.add(fd));
        if (ready.contains(events.fd())) {
            events.tell();
        }
        return news;
    }
}
