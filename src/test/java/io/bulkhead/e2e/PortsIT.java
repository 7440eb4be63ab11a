package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.json.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code bulkhead ports}, externals, and ssh tunnels of every kind, with a real sshd and a real Redis. */
class PortsIT {

    @SuppressWarnings("unchecked")
    private static List<Map<String, Object>> ports(Sandbox sandbox) throws Exception {
        return (List<Map<String, Object>>)
                Json.read(sandbox.run("ports", "--json").ok().out());
    }

    private static Map<String, Object> port(Sandbox sandbox, String address, int port) throws Exception {
        for (Map<String, Object> row : ports(sandbox)) {
            if (((Number) row.get("port")).intValue() == port
                    && row.get("address").equals(address)) {
                return row;
            }
        }
        return Map.of();
    }

    private static long pidOf(Map<String, Object> row) {
        return ((Number) row.get("pid")).longValue();
    }

    @Test
    void whoHasWhatAppsAndExternalsNeed() throws Exception {
        try (RedisServer redis = new RedisServer();
                Sandbox sandbox = new Sandbox()) {
            int mine = SshServer.quietPort();
            int nobodys = SshServer.quietPort();
            sandbox.write("serve.py", """
                    import socket, time
                    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", %d)); s.listen(); time.sleep(600)
                    """.formatted(mine));
            sandbox.up("""
                    externals:
                      redis: {address: "127.0.0.1:%d", process: redis-server}
                      ghost: {address: "localhost:%d"}
                    apps:
                      api:
                        command: [python3, serve.py]
                        listen: {address: "127.0.0.1:%d", handover: false}
                        depends_on: [redis]
                        ready: 100ms
                    """.formatted(redis.port, nobodys, mine));
            eventually(
                    "it listens",
                    () -> !port(sandbox, "127.0.0.1", mine).isEmpty()
                            && port(sandbox, "127.0.0.1", mine).get("pid") != null);

            Map<String, Object> own = port(sandbox, "127.0.0.1", mine);
            assertThat(own)
                    .containsEntry("kind", "app")
                    .containsEntry("app", "api")
                    .containsEntry("family", "ipv4")
                    .containsEntry("state", "ok")
                    .containsEntry("pid", sandbox.pid("api"));
            assertThat(Instant.parse((String) own.get("since"))).isBefore(Instant.now());
            assertThat(port(sandbox, "127.0.0.1", redis.port))
                    .containsEntry("kind", "service")
                    .containsEntry("process", "redis-server")
                    .containsEntry("external", "redis")
                    .containsEntry("needed_by", List.of("api"));
            assertThat(port(sandbox, "localhost", nobodys))
                    .containsEntry("state", "missing")
                    .containsEntry("pid", null)
                    .containsEntry("reason", "nobody listens on localhost:" + nobodys);

            String text = sandbox.run("ports").ok().out();
            assertThat(text)
                    .contains("Needed by apps", "redis (api)", "redis-server", "missing", "Everybody else who listens")
                    .contains("127.0.0.1:" + mine)
                    .doesNotContain("\u001b");
            assertThat(sandbox.run("ports", "--help").ok().out()).contains("orphan-tunnel");
            sandbox.run("ports", "x").exits(2);
        }
    }

    @Test
    void anAppWaitsForAnExternalAndStartsByItself() throws Exception {
        int port = SshServer.quietPort();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", """
                    externals:
                      db: {address: "127.0.0.1:%d", process: java}
                    apps:
                      api: {command: sleep 1000, depends_on: [db], ready: 100ms}
                      free: {command: sleep 1000, ready: 100ms}
                    """.formatted(port));
            Sandbox.Result up = sandbox.run("up", "-d").exits(1);
            assertThat(up.all()).contains("api: waits for db: nobody listens on 127.0.0.1:" + port);
            assertThat(sandbox.state("free")).isEqualTo("up");
            assertThat(sandbox.state("api")).isEqualTo("blocked");
            assertThat(sandbox.instance("api", 0).get("reason").toString())
                    .isEqualTo("waits for db: nobody listens on 127.0.0.1:" + port);

            Path script = sandbox.write("stranger.py", """
                    import socket, time
                    s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind(("127.0.0.1", %d)); s.listen(); time.sleep(600)
                    """.formatted(port));
            Process stranger = new ProcessBuilder("python3", script.toString()).start();
            try {
                eventually(
                        "a stranger is not the database",
                        () -> sandbox.instance("api", 0)
                                .get("reason")
                                .toString()
                                .matches("waits for db: 127.0.0.1:" + port + " belongs to python3\\S* \\(pid "
                                        + stranger.pid() + ".*, not to java"));
                assertThat(port(sandbox, "127.0.0.1", port)).containsEntry("state", "wrong");
            } finally {
                stranger.destroyForcibly().waitFor();
            }
            try (ServerSocket database = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
                eventually("it starts by itself", () -> sandbox.state("api").equals("up"));
                assertThat(database.isBound()).isTrue();
            }
            long pid = sandbox.pid("api");
            eventually(
                    "it is seen that it went away",
                    () -> sandbox.run("events").ok().out().contains("db is back")
                            && sandbox.run("events")
                                            .ok()
                                            .out()
                                            .lines()
                                            .filter(line -> line.contains("db is away"))
                                            .count()
                                    >= 2);
            assertThat(sandbox.pid("api")).as("what serves is left alone").isEqualTo(pid);
        }
    }

    /** The eight ways to start a tunnel, each on a port of its own, judged by sockets and lineage. */
    @Test
    void tunnelsOfEveryKind() throws Exception {
        Map<String, Integer> at = new LinkedHashMap<>();
        List<Long> strays = new ArrayList<>();
        try (Sandbox sandbox = new Sandbox().up("apps: {}\n");
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            try {
                Map<String, String> ways = new LinkedHashMap<>();
                for (String way :
                        List.of("foreground", "killed", "nohup", "daemon", "disown", "stopped", "autossh", "login")) {
                    int port = SshServer.quietPort();
                    at.put(way, port);
                    ways.put(way, ssh.tunnel(way, "127.0.0.1:" + port + " 127.0.0.1:" + ssh.port));
                }
                ssh.terminal().type("ssh " + ways.get("foreground") + "\n");
                ssh.terminal().type("ssh " + ways.get("killed") + " & \n");
                ssh.terminal().type("nohup ssh " + ways.get("nohup") + " &\n");
                ssh.terminal().type("ssh -f " + ways.get("daemon") + "\n");
                ssh.terminal().type("ssh " + ways.get("disown") + " & disown\n");
                SshServer.Terminal stopped = ssh.terminal().type("ssh " + ways.get("stopped") + "\n");
                new ProcessBuilder(
                                "autossh",
                                "-M",
                                "0",
                                "-f",
                                "-F",
                                ways.get("autossh").split(" ")[1],
                                "-N",
                                "autossh")
                        .start()
                        .waitFor();
                String login = ways.get("login").split(" ")[1];
                ssh.tunnel("host", "127.0.0.1:" + SshServer.quietPort() + " 127.0.0.1:1");
                ssh.terminal()
                        .type("ssh -F " + login + " -o ClearAllForwardings=yes -tt host 'ssh " + ways.get("login")
                                + "'\n");
                for (Map.Entry<String, Integer> each : at.entrySet()) {
                    eventually(
                            each.getKey() + " listens",
                            () -> !port(sandbox, "127.0.0.1", each.getValue()).isEmpty());
                }
                for (int port : at.values()) {
                    strays.add(pidOf(port(sandbox, "127.0.0.1", port)));
                }
                stopped.type("\u001a");
                long killed = pidOf(port(sandbox, "127.0.0.1", at.get("killed")));
                ProcessHandle.of(killed)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .destroyForcibly();
                long nohup = pidOf(port(sandbox, "127.0.0.1", at.get("nohup")));
                ProcessHandle.of(nohup)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .destroyForcibly();
                long disown = pidOf(port(sandbox, "127.0.0.1", at.get("disown")));
                ProcessHandle.of(disown)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .destroyForcibly();
                Path terminal = Files.readSymbolicLink(
                        Path.of("/proc/" + pidOf(port(sandbox, "127.0.0.1", at.get("login"))) + "/fd/0"));
                Files.setLastModifiedTime(terminal, FileTime.from(Instant.now().minus(Duration.ofHours(9))));
                Files.setAttribute(
                        terminal, "lastAccessTime", FileTime.from(Instant.now().minus(Duration.ofHours(9))));

                expect(sandbox, at, "killed", "orphan-tunnel", "orphan", "has lost its shell");
                expect(sandbox, at, "nohup", "orphan-tunnel", "orphan", "has lost its shell");
                expect(sandbox, at, "disown", "orphan-tunnel", "orphan", "has lost its shell");
                expect(sandbox, at, "foreground", "tunnel", "legitimate", "is in a terminal of");
                expect(sandbox, at, "daemon", "tunnel", "legitimate", "ssh -f");
                expect(sandbox, at, "stopped", "tunnel", "suspect", "Ctrl+Z");
                expect(sandbox, at, "autossh", "tunnel", "legitimate", "autossh");
                expect(sandbox, at, "login", "tunnel", "abandoned-login", "nobody has typed for 9 hours");
                assertThat(sandbox.run("ports").ok().out())
                        .contains("orphan-tunnel", "orphaned tunnel: it has lost its shell");
            } finally {
                end(strays);
            }
        }
    }

    private static void expect(
            Sandbox sandbox, Map<String, Integer> at, String way, String kind, String tunnel, String reason)
            throws Exception {
        eventually(
                way + " is a " + tunnel,
                () -> tunnel.equals(port(sandbox, "127.0.0.1", at.get(way)).get("tunnel")));
        Map<String, Object> row = port(sandbox, "127.0.0.1", at.get(way));
        assertThat(row).as(way).containsEntry("kind", kind).containsEntry("process", "ssh");
        assertThat(row.get("reason").toString()).as(way).contains(reason);
    }

    /** autossh brings its ssh back: its parent goes first. */
    private static void end(List<Long> pids) {
        for (long pid : pids) {
            ProcessHandle.of(pid)
                    .flatMap(ProcessHandle::parent)
                    .filter(parent -> parent.info().command().orElse("").endsWith("/autossh"))
                    .ifPresent(ProcessHandle::destroyForcibly);
            ProcessHandle.of(pid).ifPresent(ProcessHandle::destroyForcibly);
        }
    }

    @Test
    void onlyAnOrphanOnANeededPortIsClosed() throws Exception {
        try (RedisServer redis = new RedisServer();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            int elsewhere = SshServer.quietPort();
            String six = ssh.tunnel("six", "[::1]:" + redis.port + " 127.0.0.1:" + ssh.port);
            String other = ssh.tunnel("other", "127.0.0.1:" + elsewhere + " 127.0.0.1:" + ssh.port);
            SshServer.Terminal terminal = ssh.terminal();
            terminal.type("nohup ssh " + six + " & nohup ssh " + other + " &\n");
            String file = """
                    externals:
                      redis: {address: %d, process: redis-server}
                    port_guard: {orphan_tunnels: %s}
                    apps:
                      api: {command: sleep 1000, depends_on: [redis], ready: 100ms}
                    """;
            sandbox.write("bulkhead.yaml", file.formatted(redis.port, "alert"));
            List<Long> strays = new ArrayList<>();
            try {
                sandbox.run("up", "-d");
                eventually(
                        "both listen",
                        () -> port(sandbox, "::1", redis.port).get("pid") != null
                                && port(sandbox, "127.0.0.1", elsewhere).get("pid") != null);
                long mine = pidOf(port(sandbox, "::1", redis.port));
                long others = pidOf(port(sandbox, "127.0.0.1", elsewhere));
                strays.addAll(List.of(mine, others));
                assertThat(port(sandbox, "::1", redis.port).get("reason").toString())
                        .contains("this should be redis-server");
                assertThat(port(sandbox, "127.0.0.1", redis.port)).containsEntry("process", "redis-server");
                eventually(
                        "the app waits for the real one",
                        () -> sandbox.state("api").equals("blocked"));
                assertThat(alive(mine)).isTrue();

                ProcessHandle.of(mine)
                        .flatMap(ProcessHandle::parent)
                        .orElseThrow()
                        .destroyForcibly();
                eventually(
                        "it is an orphan now",
                        () -> "orphan".equals(port(sandbox, "::1", redis.port).get("tunnel")));
                sandbox.write("bulkhead.yaml", file.formatted(redis.port, "close"));
                assertThat(sandbox.run("apply", "--no-wait").ok().out()).contains("port_guard");
                eventually("the app runs", () -> sandbox.state("api").equals("up"));
                assertThat(alive(mine)).isFalse();
                assertThat(alive(others)).as("an orphan on nobody's port").isTrue();
                assertThat(sandbox.run("events").ok().out())
                        .contains("an orphaned ssh tunnel holds [::1]:" + redis.port)
                        .contains("it was ended");
            } finally {
                end(strays);
            }
        }
    }

    /** What is no orphan is never ended, whatever port it holds: with {@code close}, an app that wants the port of each is refused and says whose it is. */
    @Test
    void autosshDeclaredAndMindedTunnelsAreNeverClosed() throws Exception {
        int autossh = SshServer.quietPort();
        int background = SshServer.quietPort();
        int stopped = SshServer.quietPort();
        int declared = SshServer.quietPort();
        List<Long> strays = new ArrayList<>();
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            ssh.tunnel("autossh", "127.0.0.1:" + autossh + " 127.0.0.1:" + target.port);
            String daemon = ssh.tunnel("background", "127.0.0.1:" + background + " 127.0.0.1:" + target.port);
            String sleeping = ssh.tunnel("stopped", "127.0.0.1:" + stopped + " 127.0.0.1:" + target.port);
            sandbox.write("bulkhead.yaml", """
                    port_guard: {orphan_tunnels: close}
                    tunnels:
                      declared: {forward: "%d:127.0.0.1:%d", via: "%s", key: "%s"}
                    apps: {}
                    """.formatted(declared, target.port, ssh.via(), ssh.key()));
            sandbox.run("up", "-d").ok();
            new ProcessBuilder("autossh", "-M", "0", "-f", "-F", daemon.split(" ")[1], "-N", "autossh")
                    .start()
                    .waitFor();
            SshServer.Terminal terminal = ssh.terminal();
            terminal.type("ssh -f " + daemon + "\nssh " + sleeping + "\n");
            List<Integer> held = List.of(autossh, background, stopped, declared);
            try {
                for (int port : held) {
                    eventually(
                            port + " listens",
                            () -> port(sandbox, "127.0.0.1", port).get("pid") != null);
                    strays.add(pidOf(port(sandbox, "127.0.0.1", port)));
                }
                terminal.type("\u001a");
                eventually(
                        "it is stopped",
                        () -> "suspect"
                                .equals(port(sandbox, "127.0.0.1", stopped).get("tunnel")));
                assertThat(port(sandbox, "127.0.0.1", declared))
                        .containsEntry("kind", "tunnel")
                        .containsEntry("tunnel", "declared");
                StringBuilder apps = new StringBuilder("apps:\n");
                for (int port : List.of(autossh, background, stopped)) {
                    apps.append(
                            "  a%1$d: {command: sleep 1000, listen: {address: \"127.0.0.1:%1$d\", handover: false}}\n"
                                    .formatted(port));
                }
                sandbox.write(
                        "bulkhead.yaml",
                        Files.readString(sandbox.home.resolve("bulkhead.yaml")).replace("apps: {}\n", apps));
                sandbox.run("apply", "--force");
                eventually(
                        "they are refused",
                        () -> sandbox.state("a" + autossh).equals("blocked")
                                && sandbox.state("a" + background).equals("blocked")
                                && sandbox.state("a" + stopped).equals("blocked"));
                assertThat(sandbox.instance("a" + autossh, 0).get("reason").toString())
                        .contains("127.0.0.1:" + autossh + " is held by ssh (pid " + strays.getFirst());
                for (int i = 0; i < held.size(); i++) {
                    assertThat(alive(strays.get(i)))
                            .as("the ssh on " + held.get(i))
                            .isTrue();
                    assertThat(pidOf(port(sandbox, "127.0.0.1", held.get(i)))).isEqualTo(strays.get(i));
                }
                assertThat(sandbox.run("events").ok().out()).doesNotContain("it was ended");
            } finally {
                strays.removeLast();
                end(strays);
            }
        }
    }
}
