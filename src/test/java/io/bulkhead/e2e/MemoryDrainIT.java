package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The drain mark with real programs: who leaks is replaced before the kernel must kill, and nobody else is touched. */
class MemoryDrainIT {

    /** Holds as many MiB as the file `want` says, and ends in time when it is asked. */
    private static final String HOLDER = """
            const fs = require('fs');
            let held = [];
            process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
            setInterval(() => {
              let want = 0;
              try { want = Number(fs.readFileSync('want', 'utf8')); } catch {}
              while (held.length < want) held.push(Buffer.alloc(1 << 20, 1));
              if (held.length > want) { held.length = want; global.gc(); }
            }, 50);
            """;

    /** 64 MiB a second. */
    private static final String LEAK = """
            const held = [];
            process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
            setInterval(() => held.push(Buffer.alloc(3.2 * 1024 * 1024, 1)), 50);
            """;

    private static String app(String name, String script, String rest) {
        return "apps:\n  " + name + ":\n    command: node --expose-gc " + script + "\n    working_dir: .\n" + rest;
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> events(Sandbox sandbox, String type) throws Exception {
        List<Map<String, Object>> found = new ArrayList<>();
        for (String line :
                sandbox.run("events", "--json", "-n", "500").ok().out().split("\n")) {
            if (line.contains("\"" + type + "\"")) {
                found.add((Map<String, Object>) Json.read(line));
            }
        }
        return found;
    }

    private static List<Object> causes(Sandbox sandbox) throws Exception {
        List<Object> causes = new ArrayList<>();
        for (Map<String, Object> exit : events(sandbox, "instance.exited")) {
            causes.add(exit.get("cause"));
        }
        return causes;
    }

    @Test
    void aFastLeakIsReplacedInTimeAgainAndAgain() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("leak.js", LEAK);
            sandbox.up(app("leak", "leak.js", "    memory: 128M\n"));
            eventually("it was drained four times", () -> causes(sandbox).size() >= 4);
            assertThat(causes(sandbox)).containsOnly("drained");
            for (Map<String, Object> exit : events(sandbox, "instance.exited")) {
                assertThat(exit).containsEntry("code", 0L).containsEntry("failure", false);
            }
            List<Map<String, Object>> suspended = events(sandbox, "memory.drain-suspended");
            assertThat(suspended).singleElement().satisfies(alert -> {
                assertThat(alert).containsEntry("alert", true);
                assertThat(alert.get("reason").toString()).contains("grows without end");
            });
            assertThat(sandbox.run("why", "leak").ok().out().replaceAll("\\s+", " "))
                    .contains("drained before it could reach its memory limit", "102.4 MiB");
            assertThat(sandbox.run("logs", "leak").ok().out()).contains("bye");
            assertThat(peak(sandbox)).as("never over the limit").isBetween(100L << 20, 128L << 20);
            assertThat(((Number) sandbox.instance("leak", 0).get("restarts")).longValue())
                    .isGreaterThanOrEqualTo(4);
        }
    }

    /** Idle for so long that nobody looks but every few seconds; then the limit is a second away. */
    @Test
    void aLeakOf400MebibytesASecondOutOfNowhereIsStillDrained() throws Exception {
        assumeTrue(Files.isDirectory(Path.of("/sys/fs/cgroup/memory")), "cgroup v2 has no notice of use");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("leap.js", """
                    const fs = require('fs');
                    const held = [];
                    process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
                    const waits = setInterval(() => {
                      if (!fs.existsSync('go')) return;
                      clearInterval(waits);
                      fs.unlinkSync('go');
                      setInterval(() => held.push(Buffer.alloc(4 << 20, 1)), 10);
                    }, 20);
                    """);
            sandbox.up(app("leap", "leap.js", "    memory: 512M\n"));
            for (int time = 1; time <= 3; time++) {
                int times = time;
                // Every five seconds what cannot be dropped is read anew, and a second such look shows that it stands
                // still.
                long peak = peak(sandbox);
                await("it stands still")
                        .pollDelay(Duration.ofSeconds(5))
                        .atMost(Duration.ofSeconds(30))
                        .until(() -> peak(sandbox) <= peak + (2 << 20));
                sandbox.write("go", "");
                eventually("it has ended", () -> causes(sandbox).size() == times);
            }
            assertThat(causes(sandbox)).containsOnly("drained");
            assertThat(peak(sandbox)).isBetween(400L << 20, 512L << 20);
        }
    }

    /** What `memory` shows of the one app there is: never more than the kernel gives. */
    @SuppressWarnings("unchecked")
    private static long peak(Sandbox sandbox) throws Exception {
        Map<String, Object> app = ((List<Map<String, Object>>)
                        sandbox.run("memory", "--json").ok().json().get("apps"))
                .getFirst();
        return app.get("memory_peak_bytes") instanceof Number peak ? peak.longValue() : 0;
    }

    @Test
    void pageCacheUpToTheLimitIsNoReason() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path big = sandbox.home.resolve("big");
            sandbox.up("apps:\n  reader:\n    memory: 32M\n    command: {shell: 'head -c 96M /dev/zero > " + big
                    + "; sync; while :; do cat " + big + " > /dev/null; echo round; sleep 0.2; done'}\n");
            long pid = sandbox.pid("reader");
            eventually(
                    "it has read the file several times",
                    () -> sandbox.run("logs", "-n", "100", "reader").out().split("round", -1).length > 8);
            assertThat(sandbox.pid("reader")).isEqualTo(pid);
            assertThat(events(sandbox, "memory.mark")).isEmpty();
            assertThat(((Number) sandbox.instance("reader", 0).get("memory_peak_bytes")).longValue())
                    .as("page cache did fill it")
                    .isGreaterThan(30L << 20);
        }
    }

    @Test
    void whoNeverStopsIsKilledAfterItsGraceAndThatIsSaid() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("deaf.js", HOLDER.replace("console.log('bye'); process.exit(0);", ""));
            sandbox.write("want", "126");
            sandbox.up(app("deaf", "deaf.js", "    memory: 160M\n    stop_grace_period: 1s\n"));
            eventually("it was killed", () -> causes(sandbox).contains("killed-by-us"));
            assertThat(sandbox.run("why", "deaf").ok().out())
                    .contains("did not end within its grace period", "(drain mark");
        }
    }

    @Test
    void aSteadyStateAboveTheMarkSuspendsWithOneAlertThatNamesTheLimit() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("holder.js", HOLDER);
            sandbox.write("want", "126");
            sandbox.up(app("steady", "holder.js", "    memory: 160M\n"));
            eventually(
                    "draining is suspended",
                    () -> !events(sandbox, "memory.drain-suspended").isEmpty());
            assertThat(causes(sandbox)).containsExactly("drained", "drained");
            long pid = sandbox.pid("steady");
            Map<String, Object> alert =
                    events(sandbox, "memory.drain-suspended").getFirst();
            assertThat(alert.get("reason").toString()).contains("no leak", "would fit");
            assertThat(((Number) alert.get("fitting_limit")).longValue()).isBetween(161L << 20, 240L << 20);
            assertThat(sandbox.state("steady")).isEqualTo("up");
            assertThat(sandbox.run("status", "steady").ok().out()).contains("draining is suspended");

            // The limit that was named ends it, without a restart.
            sandbox.write("bulkhead.yaml", app("steady", "holder.js", "    memory: 240M\n"));
            sandbox.run("apply").ok();
            eventually("its mark has moved", () -> sandbox.instance("steady", 0).get("reason") == null);
            assertThat(sandbox.pid("steady")).isEqualTo(pid);

            // And a mark that is moved below what it uses is reached by the same run.
            sandbox.write("bulkhead.yaml", app("steady", "holder.js", "    memory: 240M\n    memory_drain: 100M\n"));
            sandbox.run("apply").ok();
            eventually("it is drained", () -> causes(sandbox).size() == 3);
            assertThat(alive(pid)).isFalse();
        }
    }

    @Test
    void startFirstIsReplacedBesideAndWhoComesDownMeanwhileIsLeftAlone() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("holder.js", HOLDER);
            sandbox.write("want", "0");
            String rest = "    memory: 160M\n    replace: start-first\n    ready: 5s\n";
            sandbox.up(app("web", "holder.js", rest));
            long pid = sandbox.pid("web");
            sandbox.write("want", "126");
            eventually(
                    "it is at its mark", () -> !events(sandbox, "memory.mark").isEmpty());
            assertThat(alive(pid)).isTrue();
            sandbox.write("want", "0");
            eventually(
                    "it came down", () -> !events(sandbox, "memory.below-mark").isEmpty());
            eventually("the new run is given up", () -> !causes(sandbox).isEmpty());
            assertThat(sandbox.pid("web")).isEqualTo(pid);
            assertThat(causes(sandbox)).containsExactly("stopped");

            sandbox.write("want", "126");
            eventually("it was drained", () -> causes(sandbox).contains("drained"));
            assertThat(sandbox.pid("web")).isNotEqualTo(pid);
        }
    }

    /** Mebibytes of RAM without so many. */
    private static long allBut(long mebibytes) throws Exception {
        long total = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
        return total / 1024 - mebibytes;
    }

    /** It is looked at every few seconds only, since there is no limit of its own that it could come near. */
    @Test
    void aFastLeakWithoutALimitIsShedBeforeTheKernelMustChoose() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("leak.js", LEAK);
            sandbox.up("server:\n  reserve: " + allBut(400) + "M\n"
                    + app("greedy", "leak.js", "    priority: 10\n")
                    + "  precious:\n    command: sleep 100000\n    priority: 200\n");
            eventually("greedy was shed", () -> sandbox.state("greedy").equals("blocked"));
            assertThat(causes(sandbox)).containsExactly("stopped");
            assertThat(sandbox.run("logs", "greedy").ok().out()).contains("bye");
            assertThat(sandbox.state("precious")).isEqualTo("up");
        }
    }

    @Test
    void whenAppsReachWhatTheReserveLeavesTheLeastImportantIsShed() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("holder.js", HOLDER);
            sandbox.write("want", "0");
            sandbox.up("server:\n  reserve: " + allBut(400) + "M\n"
                    + app("greedy", "holder.js", "    priority: 10\n")
                    + "  precious:\n    command: sleep 100000\n    priority: 200\n");
            long precious = sandbox.pid("precious");
            sandbox.write("want", "378");
            eventually("greedy was shed", () -> sandbox.state("greedy").equals("blocked"));
            assertThat(sandbox.run("status", "greedy").ok().out()).contains("shed: the host ran out of memory");
            assertThat(events(sandbox, "app.shed")).hasSize(1);
            assertThat(causes(sandbox)).containsExactly("stopped");
            assertThat(sandbox.run("why", "greedy").ok().out()).contains("shed before the kernel would have killed");
            assertThat(sandbox.pid("precious")).isEqualTo(precious);
            eventually("the host is well", () -> !events(sandbox, "host.easy").isEmpty());

            sandbox.write("want", "0");
            sandbox.run("start", "greedy").ok();
            assertThat(sandbox.state("greedy")).isEqualTo("up");
        }
    }
}
