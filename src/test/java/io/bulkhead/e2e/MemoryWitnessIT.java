package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.json.Json;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What is told of memory where the kernel shows little: no log, no control groups that could be written; and whose limit it was. */
class MemoryWitnessIT {

    private static final long MIB = 1 << 20;
    private static final Path GROUPS = Path.of("/sys/fs/cgroup/memory");
    private static final String EAT = "x=a; while :; do x=$x$x; done";

    /** 20 MiB a second, and ends in time when it is asked. */
    private static final String LEAK = """
            const held = [];
            process.on('SIGTERM', () => { console.log('bye'); process.exit(0); });
            setInterval(() => held.push(Buffer.alloc(1 << 20, 1)), 50);
            """;

    @BeforeAll
    static void needsRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "changes users and mounts");
        assumeTrue(Files.isDirectory(GROUPS), "on v1: the guest does the same on v2");
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> lastExit(Sandbox sandbox, String app) throws Exception {
        Object exit = sandbox.instance(app, 0).get("last_exit");
        return exit == null ? Map.of() : (Map<String, Object>) exit;
    }

    /** As one long line: where it breaks is the terminal's business. */
    private static String why(Sandbox sandbox, String app) throws Exception {
        return oneLine(sandbox.run("why", app).ok().out());
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ");
    }

    private static void awaitIncident(Sandbox sandbox, String app) {
        eventually(
                app + " has an incident",
                () -> Json.read(sandbox.run("why", app, "--json").ok().out()) instanceof Map<?, ?>);
    }

    private static void up(Sandbox sandbox, String yaml) throws Exception {
        sandbox.write("bulkhead.yaml", yaml);
        assertThat(sandbox.run("up", "-d").exit())
                .as("some of them die before they are ready")
                .isBetween(0, 1);
    }

    @Test
    void anOrdinaryUsersLeakIsDrainedTooAndItIsSaidWhatCannotBeSeen() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("leak.js", LEAK);
            sandbox.asNobody();
            up(
                    sandbox,
                    "apps:\n  leak: {command: node leak.js, working_dir: ., memory: 160M}\n"
                            + "  gone: {command: {shell: 'sleep 0.2; kill -KILL $$$$'}, restart: never}\n");
            eventually(
                    "it was drained",
                    () -> "drained".equals(lastExit(sandbox, "leak").get("cause")));
            assertThat(lastExit(sandbox, "leak").get("code")).isEqualTo(0L);
            assertThat(why(sandbox, "leak"))
                    .contains("drained before it could reach its memory limit", "(drain mark 128 MiB)", "| bye");
            assertThat(sandbox.instance("leak", 0)).containsEntry("memory_enforcement", "sampled");
            assertThat(sandbox.run("logs", "leak").ok().out()).contains("bye");

            assertThat(oneLine(sandbox.run("doctor").all()))
                    .contains("memory limits are sampled, not enforced by the kernel")
                    .contains("the kernel's log cannot be read: its kills for want of memory cannot be told from"
                            + " anybody else's");
            awaitIncident(sandbox, "gone");
            assertThat(lastExit(sandbox, "gone"))
                    .as("without counters and log nobody knows who sent it")
                    .containsEntry("cause", "unknown");
            assertThat(why(sandbox, "gone")).contains("bulkhead doctor");
        }
    }

    @Test
    void withoutTheKernelsLogItsCountersTell() throws Exception {
        try (Sandbox sandbox = new Sandbox();
                ServerSocketChannel unreadable = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            // open(2) of a socket fails with ENXIO.
            Path socket = sandbox.home.resolve("socket");
            unreadable.bind(UnixDomainSocketAddress.of(socket));
            sandbox.through("unshare", "-m", "sh", "-c", "mount --bind " + socket + " /dev/kmsg && exec \"$@\"", "sh");
            up(sandbox, "apps:\n  limit: {command: {shell: 'sleep 0.3; " + EAT + "'}, memory: 16M, restart: never}\n");
            awaitIncident(sandbox, "limit");
            assertThat(lastExit(sandbox, "limit")).containsEntry("cause", "oom-limit");
            assertThat(why(sandbox, "limit"))
                    .contains("killed by the kernel at its limit of 16 MiB")
                    .contains("the kernel's log cannot be read here: this is from its counters alone");
            assertThat(oneLine(sandbox.run("doctor").all()))
                    .contains("the kernel's log cannot be read: what it killed for want of memory is known from its"
                            + " counters alone");
            assertThat(sandbox.run("doctor", "--json").all()).contains("/dev/kmsg cannot be opened");
        }
    }

    @Test
    void whereNoControlGroupCanBeMadeItIsSaidAndSampled() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.through(
                    "unshare", "-m", "sh", "-c", "mount -o remount,bind,ro " + GROUPS + " && exec \"$@\"", "sh");
            sandbox.write("bulkhead.yaml", "apps:\n  calm: {command: sleep 100000, memory: 64M}\n");
            Sandbox.Result up = sandbox.run("up", "-d").ok();
            assertThat(oneLine(up.all()))
                    .contains("memory limits are sampled, not enforced by the kernel", GROUPS.toString());
            assertThat(sandbox.instance("calm", 0)).containsEntry("memory_enforcement", "sampled");
            assertThat(sandbox.run("status").ok().out()).contains("sampled");
            assertThat(oneLine(sandbox.run("doctor").all())).contains("sampled, not enforced", GROUPS.toString());
        }
    }

    @Test
    void whoseLimitItWasAPoolsOrThatOfAllApps() throws Exception {
        long total = Files.readAllLines(Path.of("/proc/meminfo")).stream()
                .filter(line -> line.startsWith("MemTotal:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .findFirst()
                .orElseThrow();
        long reserve = total / 1024 - 200;
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    server: {reserve: %dM}
                    pools: {workers: {memory: 24M}}
                    apps:
                      pooled: {command: {shell: "sleep 0.3; %s"}, memory: 120M, pool: workers, restart: never}
                      greedy: {command: {shell: "%s"}, restart: never, autostart: false}
                    """.formatted(reserve, EAT, EAT.replace("$x$x", "$x$x$x$x")));
            awaitIncident(sandbox, "pooled");
            assertThat(lastExit(sandbox, "pooled")).containsEntry("cause", "oom-limit");
            assertThat(why(sandbox, "pooled"))
                    .contains("pooled: killed by the kernel at the limit of pool workers")
                    .contains("raise `memory` of pools.workers");

            // Faster than anybody could look: the most important app is never shed, and this one is alone.
            sandbox.run("start", "greedy", "--no-wait");
            awaitIncident(sandbox, "greedy");
            assertThat(lastExit(sandbox, "greedy")).containsEntry("cause", "oom-host");
            assertThat(why(sandbox, "greedy"))
                    .contains("greedy: killed by the kernel at the limit all apps share (RAM − reserve)")
                    .contains("give greedy a limit of its own");
        }
    }

    @Test
    void adviceAfterAKillComesFromItsPeaks() throws Exception {
        String app = "apps:\n  worker:\n    command: {shell: 'read n < n; x=$(head -c $n /dev/zero | tr \\\\0 x);"
                + " sleep 100000'}\n    working_dir: .\n    memory: 64M\n    memory_drain: off\n    restart: never\n";
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("n", "1000\n");
            sandbox.up(app);
            Path peaks = sandbox.home.resolve("state/peaks/worker");
            sandbox.run("shutdown").ok();
            String[] lines = Files.readString(peaks).split("\n");
            for (int usual : new int[] {60, 20}) {
                lines[3] = (usual * 1024 + " ").repeat(30) + "10";
                Files.writeString(peaks, String.join("\n", lines) + "\n");
                sandbox.write("n", "1000\n");
                sandbox.up(app);
                sandbox.write("n", 90 * MIB + "\n");
                sandbox.run("restart", "worker", "--no-wait");
                eventually(
                        "it was killed",
                        () -> "oom-limit".equals(lastExit(sandbox, "worker").get("cause")));
                String peak = "its peak was " + usual + " MiB in the 30 hours before";
                eventually("it is told", () -> why(sandbox, "worker").contains(peak));
                assertThat(why(sandbox, "worker"))
                        .contains(usual == 60 ? "write `memory: 72M`" : "look for what made it grow this time")
                        .doesNotContain("memory: 96M");
                sandbox.run("shutdown").ok();
            }
        }
    }
}
