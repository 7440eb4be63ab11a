package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real Node programs from npm, none of which knows of Bulkhead: what {@code node:} in bulkhead.yaml does for them. */
class NodeDrainIT {

    private static final int JOBS = 150;

    private static NodePackages packages;

    @BeforeAll
    static void install() throws Exception {
        packages = NodePackages.installed();
    }

    private static Sandbox sandbox() throws Exception {
        Sandbox sandbox = new Sandbox();
        packages.into(sandbox.home);
        return sandbox;
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource({"node leaky-worker.cjs", "node leaky-worker.mjs", "npm start", "{shell: 'node leaky-worker.mjs; true'}"
    })
    void aLeakingWorkerIsReplacedAndNoJobIsLostOrDoneTwice(String command) throws Exception {
        try (RedisServer redis = new RedisServer();
                Sandbox sandbox = sandbox()) {
            sandbox.write("package.json", "{\"scripts\": {\"start\": \"node leaky-worker.cjs\"}}");
            Map<String, String> environment = Map.of("REDIS_PORT", Integer.toString(redis.port));
            node(sandbox, environment, "queue.cjs", "add", "emails", Integer.toString(JOBS));
            Path begun = sandbox.home.resolve("begun");
            sandbox.up("""
                    apps:
                      worker:
                        command: %s
                        memory: 200M
                        environment: {QUEUE: emails, REDIS_PORT: "%d", BEGUN: %s}
                        node: {heap: auto, drain: auto, leak_profile: on-drain}
                    """.formatted(command, redis.port, begun));
            await("all jobs are begun")
                    .atMost(Duration.ofMinutes(3))
                    .until(() ->
                            Files.exists(begun) && Files.readAllLines(begun).size() >= JOBS);
            await("all jobs are done")
                    .atMost(Duration.ofMinutes(1))
                    .pollInterval(Duration.ofSeconds(1))
                    .until(() ->
                            number(node(sandbox, environment, "queue.cjs", "count", "emails"), "completed") == JOBS);
            Map<String, Object> counts = node(sandbox, environment, "queue.cjs", "count", "emails");
            assertThat(number(counts, "stalled") + number(counts, "failed") + number(counts, "active"))
                    .as("jobs of %s", counts)
                    .isZero();
            List<String> lines = Files.readAllLines(begun);
            assertThat(lines).hasSize(JOBS);
            assertThat(new TreeSet<>(lines)).as("each once").hasSize(JOBS);
            List<Map<String, Object>> exits = exits(sandbox, "worker");
            assertThat(exits).as("it leaked and was replaced").isNotEmpty();
            assertThat(exits).allSatisfy(exit -> {
                assertThat(exit.get("cause")).as("%s", exit).isEqualTo("drained");
                assertThat(exit.get("code")).as("%s", exit).isEqualTo(0L);
            });
        }
    }

    @Test
    void theIncidentOfADrainNamesTheLeakWithFileAndLine() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            sandbox.up("""
                    apps:
                      leaky:
                        command: node leaky.cjs
                        memory: 160M
                        node: {heap: auto, leak_profile: on-drain}
                    """);
            eventually(
                    "the incident is there",
                    () -> sandbox.run("incidents").out().contains("drained"));
            assertThat(sandbox.run("why", "leaky").ok().out().replaceAll("\\s+", " "))
                    .containsPattern("leakyHandler, leaky\\.cjs:5: \\d+ MiB of \\d+ MiB still alive");
        }
    }

    @Test
    void noAnswerIsLostWhenServersAreStopped() throws Exception {
        Map<String, String> apps = new LinkedHashMap<>();
        apps.put("plain", "http-app.cjs");
        apps.put("express", "express-app.cjs");
        apps.put("fastify", "fastify-app.mjs");
        apps.put("own", "own-handler-app.cjs");
        StringBuilder yaml = new StringBuilder("apps:\n");
        Map<String, Integer> ports = new LinkedHashMap<>();
        for (Map.Entry<String, String> app : apps.entrySet()) {
            int port = RedisServer.freePort();
            ports.put(app.getKey(), port);
            yaml.append("  ")
                    .append(app.getKey())
                    .append(":\n    command: node ")
                    .append(app.getValue());
            yaml.append("\n    environment: {PORT: \"").append(port).append("\"}\n    node: {drain: auto}\n");
        }
        try (Sandbox sandbox = sandbox().up(yaml.toString())) {
            Map<String, Process> clients = new LinkedHashMap<>();
            for (Map.Entry<String, Integer> port : ports.entrySet()) {
                clients.put(port.getKey(), clients(sandbox, port.getValue()));
            }
            for (Process client : clients.values()) {
                assertThat(client.inputReader().readLine()).isEqualTo("answered");
            }
            for (int i = 0; i < 2; i++) {
                for (int port : ports.values()) {
                    eventually("port " + port + " is served", () -> isServed(port));
                }
                sandbox.run("restart", "all").ok();
            }
            for (Map.Entry<String, Process> client : clients.entrySet()) {
                Map<String, Object> found = stop(client.getValue());
                assertThat(number(found, "lost"))
                        .as("%s: %s", client.getKey(), found)
                        .isZero();
                assertThat(number(found, "answered"))
                        .as("%s: %s", client.getKey(), found)
                        .isGreaterThan(100);
                assertThat(number(found, "told_to_close"))
                        .as("%s: %s", client.getKey(), found)
                        .isPositive();
                long code = client.getKey().equals("own") ? 7L : 0L;
                assertThat(exits(sandbox, client.getKey()))
                        .hasSize(2)
                        .allSatisfy(exit ->
                                assertThat(exit.get("code")).as("%s", exit).isEqualTo(code));
            }
            assertThat(sandbox.run("logs", "own").out())
                    .as("its own handler ran")
                    .contains("own handler");
        }
    }

    @ParameterizedTest
    @CsvSource({"18", "24"})
    void v8sSizesFollowFromMemoryInEveryVersion(int major) throws Exception {
        try (Sandbox sandbox = sandbox()) {
            String path = packages.binOf(major) + ":/usr/local/bin:/usr/bin:/bin";
            sandbox.up("""
                    apps:
                      follows:
                        command: {shell: 'node http-app.cjs; true'}
                        memory: 256M
                        environment: {PATH: "%1$s", PORT: "0"}
                        node: {heap: auto}
                      script:
                        command: node --max-old-space-size=77 http-app.cjs
                        memory: 256M
                        environment: {PATH: "%1$s", PORT: "0"}
                        node: {heap: auto}
                      own:
                        command: node http-app.cjs
                        memory: 256M
                        environment: {PATH: "%1$s", PORT: "0", NODE_OPTIONS: "--max-old-space-size=99 --throw-deprecation"}
                        node: {heap: auto, drain: auto}
                    """.formatted(path));
            Map<String, Object> follows = shown(sandbox, "follows");
            assertThat(follows.get("heap_limit_from")).isEqualTo("node.heap");
            assertThat((Long) follows.get("heap_limit_bytes")).isBetween(230L << 20, 237L << 20);
            assertThat(((Map<?, ?>) follows.get("node")).get("runs").toString()).startsWith("node " + major + " ");
            Map<String, Object> script = shown(sandbox, "script");
            assertThat((Long) script.get("heap_limit_bytes")).isBetween(77L << 20, 84L << 20);
            assertThat(script.get("heap_limit_from").toString()).contains("command line or package script");
            Map<String, Object> own = shown(sandbox, "own");
            assertThat((Long) own.get("heap_limit_bytes")).isBetween(99L << 20, 106L << 20);
            assertThat(own.get("heap_limit_from").toString()).contains("--max-old-space-size=99");
            long pid = sandbox.pid("own");
            assertThat(environment(pid)).contains("--max-old-space-size=99 --throw-deprecation", "--require=");
        }
    }

    @Test
    void aProgramThatIsNoNodeGetsNothingAndThatIsSaid() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            sandbox.up("apps:\n  sleeper: {command: sleep 1000, node: {drain: auto, heap: auto}, memory: 100M}\n");
            assertThat(sandbox.run("show", "sleeper").ok().out()).contains("no node");
            assertThat(environment(sandbox.pid("sleeper"))).doesNotContain("NODE_OPTIONS", "BULKHEAD_NODE");
            assertThat(sandbox.run("check").out()).contains("is no node and no wrapper known to start one");
        }
    }

    private static String environment(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> shown(Sandbox sandbox, String app) throws Exception {
        eventually("a process of " + app + " answers", () -> {
            Map<String, Object> show = sandbox.run("show", app, "--json").ok().json();
            return !((List<Object>) ((Map<String, Object>) show.get("node")).get("processes")).isEmpty();
        });
        return sandbox.run("show", app, "--json").ok().json();
    }

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> exits(Sandbox sandbox, String app) throws Exception {
        return (List<Map<String, Object>>)
                sandbox.run("show", app, "--json").ok().json().get("exits");
    }

    private static long number(Map<String, Object> document, String key) {
        return ((Number) document.get(key)).longValue();
    }

    private static boolean isServed(int port) {
        try (Socket connection = new Socket("127.0.0.1", port)) {
            return connection.isConnected();
        } catch (IOException refused) {
            return false;
        }
    }

    /** Clients of a server. They say when 50 requests have been answered. */
    private static Process clients(Sandbox sandbox, int port) throws Exception {
        return new ProcessBuilder("node", "clients.cjs", Integer.toString(port))
                .directory(sandbox.home.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private static Map<String, Object> stop(Process clients) throws Exception {
        clients.getOutputStream().close();
        try (BufferedReader out = clients.inputReader()) {
            return parsed(String.valueOf(out.readLine()));
        } finally {
            clients.destroyForcibly();
        }
    }

    /** Runs one of the test's own programs to its end. */
    private static Map<String, Object> node(Sandbox sandbox, Map<String, String> environment, String... words)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("node"));
        command.addAll(List.of(words));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(sandbox.home.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().putAll(environment);
        Process process = builder.start();
        String line = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s", command).isZero();
        return parsed(line);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> parsed(String line) throws Exception {
        return (Map<String, Object>) Json.read(line);
    }
}
