package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.json.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code tunnels:} with a real sshd: up and carrying, down and why, its lease. */
class TunnelIT {

    @SuppressWarnings("unchecked")
    static Map<String, Object> tunnel(Sandbox sandbox, String name) throws Exception {
        for (Map<String, Object> row : (List<Map<String, Object>>)
                Json.read(sandbox.run("tunnel", "list", "--json").ok().out())) {
            if (row.get("name").equals(name)) {
                return row;
            }
        }
        return Map.of("state", "none");
    }

    static long pid(Sandbox sandbox, String name) throws Exception {
        return ((Number) tunnel(sandbox, name).get("pid")).longValue();
    }

    static void is(Sandbox sandbox, String name, String state) {
        eventually(
                name + " is " + state, () -> state.equals(tunnel(sandbox, name).get("state")));
    }

    static String reason(Sandbox sandbox, String name) throws Exception {
        return String.valueOf(tunnel(sandbox, name).get("reason"));
    }

    /** What answers at the other end. */
    static String through(int port) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(5_000);
            return new String(socket.getInputStream().readAllBytes());
        }
    }

    private static String yaml(SshServer ssh, int port, int target, String more) {
        return """
                tunnels:
                  db: {forward: "127.0.0.1:%d:127.0.0.1:%d", via: "%s", key: "%s"%s}
                """.formatted(port, target, ssh.via(), ssh.key(), more);
    }

    @Test
    void comesUpCarriesIsBackWhenKilledAndItsAppWaits() throws Exception {
        int port = SshServer.quietPort();
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            sandbox.write("bulkhead.yaml", yaml(ssh, port, target.port, "") + """
                    apps:
                      api: {command: sleep 1000, depends_on: [db], ready: 100ms}
                    """);
            sandbox.run("up", "-d").exits(1);
            assertThat(sandbox.state("api")).isEqualTo("blocked");
            assertThat(sandbox.instance("api", 0).get("reason").toString())
                    .contains("waits for db", "host key of", "is not trusted yet: bulkhead tunnel trust db");
            is(sandbox, "db", "blocked");

            Sandbox.Result refused = sandbox.run("tunnel", "open", "db").exits(5);
            assertThat(refused.err()).contains("is not trusted yet; it shows ssh-ed25519 SHA256:");
            String fingerprint = refused.err()
                    .substring(refused.err().lastIndexOf("SHA256:"))
                    .strip();
            sandbox.run("tunnel", "trust", "db", "--fingerprint", "SHA256:other")
                    .exits(5);
            assertThat(sandbox.run("tunnel", "trust", "db", "--fingerprint", fingerprint)
                            .ok()
                            .out())
                    .contains("is trusted: " + fingerprint);
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(sandbox.home.resolve("state/tunnels/known_hosts"))))
                    .isEqualTo("rw-------");
            is(sandbox, "db", "up");
            eventually("its app starts by itself", () -> sandbox.state("api").equals("up"));
            assertThat(through(port)).isEqualTo("hello");

            long first = pid(sandbox, "db");
            Sandbox.kill(first, "KILL");
            eventually(
                    "it is back", () -> "up".equals(tunnel(sandbox, "db").get("state")) && pid(sandbox, "db") != first);
            assertThat(through(port)).isEqualTo("hello");
            assertThat(sandbox.run("status").ok().out()).contains("api").doesNotContain("db ");
            assertThat(sandbox.run("ports", "--json").ok().out())
                    .contains("\"kind\": \"tunnel\"", "leads to 127.0.0.1:" + target.port);
            assertThat(sandbox.run("tunnel", "list").ok().out()).contains("db", "up", ssh.via(), "api");

            sandbox.run("tunnel", "close", "db").ok();
            is(sandbox, "db", "stopped");
            assertThat(reason(sandbox, "db")).contains("closed by hand", "bulkhead tunnel open db");
            sandbox.run("tunnel", "open", "db").ok();
            assertThat(through(port)).isEqualTo("hello");
            sandbox.run("tunnel", "close", "api").exits(4);
            sandbox.run("tunnel", "shut").exits(2);
        }
    }

    @Test
    void aFrozenServerIsGivenUpAndAskedAgain() throws Exception {
        int port = SshServer.quietPort();
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            sandbox.up(yaml(ssh, port, target.port, ", keepalive: 1s"));
            long first = pid(sandbox, "db");
            List<Long> session = ssh.sessions();
            assertThat(session).isNotEmpty();
            for (long process : session) {
                Sandbox.kill(process, "STOP");
            }
            try {
                eventually(
                        "another ssh carries",
                        () -> "up".equals(tunnel(sandbox, "db").get("state")) && pid(sandbox, "db") != first);
            } finally {
                for (long process : session) {
                    Sandbox.kill(process, "KILL");
                }
            }
            // With a keepalive of a second a busy machine may be given up once more.
            eventually("it answers", () -> through(port).equals("hello"));
            assertThat(sandbox.run("events", "db").ok().out()).contains("the server has stopped answering");
        }
    }

    @Test
    void aTargetThatIsAwayIsNotTheTunnelsFault() throws Exception {
        int port = SshServer.quietPort();
        int away = SshServer.quietPort();
        try (Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            sandbox.write("bulkhead.yaml", yaml(ssh, port, away, "") + """
                    apps:
                      api: {command: sleep 1000, depends_on: [db], ready: 100ms}
                    """);
            sandbox.run("up", "-d");
            is(sandbox, "db", "target-down");
            long first = pid(sandbox, "db");
            assertThat(reason(sandbox, "db"))
                    .contains("the tunnel is up, but 127.0.0.1 gets no connection to 127.0.0.1:" + away);
            eventually(
                    "its app says why it waits",
                    () -> sandbox.instance("api", 0)
                            .get("reason")
                            .toString()
                            .contains("waits for db to be ready: the tunnel is up, but"));
            try (Greeter target = new Greeter(away)) {
                is(sandbox, "db", "up");
                eventually("its app runs", () -> sandbox.state("api").equals("up"));
                assertThat(pid(sandbox, "db")).isEqualTo(first);
                assertThat(target.port).isEqualTo(away);
            }
        }
    }

    @Test
    void whatSshWouldOnlyFailForIsSaidBefore() throws Exception {
        int port = SshServer.quietPort();
        int nobody = SshServer.quietPort();
        try (ServerSocket taken = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            Path open = Files.copy(ssh.key(), sandbox.home.resolve("open-key"));
            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
            Files.writeString(
                    sandbox.home.resolve("state/tunnels/known_hosts"),
                    "[127.0.0.1]:" + nobody + " " + ssh.hostKey() + "\n",
                    java.nio.file.StandardOpenOption.APPEND);
            sandbox.write("bulkhead.yaml", """
                    tunnels:
                      mode: {forward: "%1$d:localhost:1", via: "%2$s", key: open-key}
                      none: {forward: "%3$d:localhost:1", via: "%2$s"}
                      taken: {forward: "%4$d:localhost:1", via: "%2$s", key: "%5$s"}
                      nobody: {forward: "%6$d:localhost:1", via: "127.0.0.1:%7$d", key: "%5$s"}
                    """.formatted(
                            port,
                            ssh.via(),
                            SshServer.quietPort(),
                            taken.getLocalPort(),
                            ssh.key(),
                            SshServer.quietPort(),
                            nobody));
            sandbox.run("up", "-d").exits(5);
            assertThat(reason(sandbox, "mode")).contains("open-key", "mode rw-r--r--", "chmod 600");
            assertThat(reason(sandbox, "none")).contains("does not exist", "bulkhead tunnel key none");
            assertThat(reason(sandbox, "taken"))
                    .contains(
                            "127.0.0.1:" + taken.getLocalPort() + " is taken",
                            "pid " + ProcessHandle.current().pid());
            eventually(
                    "the unreachable says so", () -> reason(sandbox, "nobody").contains("Connection refused"));
            assertThat(sandbox.run("why", "nobody").ok().out()).contains("Connection refused");

            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-------"));
            is(sandbox, "mode", "target-down");
            Sandbox.Result key = sandbox.run("tunnel", "key", "none").ok();
            assertThat(key.out())
                    .startsWith("restrict,port-forwarding,permitopen=\"localhost:1\",command=\"/usr/sbin/nologin\""
                            + " ssh-ed25519 ")
                    .endsWith(" bulkhead-none\n");
            Path made = sandbox.home.resolve("state/tunnels/keys/none");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(made)))
                    .isEqualTo("rw-------");
            eventually("it is not let in", () -> reason(sandbox, "none").contains("does not let this key in"));
            assertThat(sandbox.run("tunnel", "key", "none").ok().out()).isEqualTo(key.out());
        }
    }

    @Test
    void theRestrictedKeyReachesItsTargetAndNothingElse() throws Exception {
        int port = SshServer.quietPort();
        int other = SshServer.quietPort();
        try (Greeter target = new Greeter();
                Greeter forbidden = new Greeter();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            sandbox.write("bulkhead.yaml", """
                    tunnels:
                      good: {forward: "%d:127.0.0.1:%d", via: "%3$s"}
                      evil: {forward: "%4$d:127.0.0.1:%5$d", via: "%3$s", key: state/tunnels/keys/good}
                    """.formatted(port, target.port, ssh.via(), other, forbidden.port));
            sandbox.run("up", "-d").exits(5);
            ssh.authorizeOnly(sandbox.run("tunnel", "key", "good").ok().out());
            is(sandbox, "good", "up");
            assertThat(through(port)).isEqualTo("hello");
            is(sandbox, "evil", "target-down");
            assertThat(reason(sandbox, "evil")).contains("permitopen forbids it");
            assertThat(ssh.runs(sandbox.home.resolve("state/tunnels/keys/good"), "id"))
                    .as("the key runs no command")
                    .doesNotContain("uid=");
        }
    }

    @Test
    void anIdleTunnelIsClosedButNeverUnderAClient() throws Exception {
        int port = SshServer.quietPort();
        int aged = SshServer.quietPort();
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox();
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            sandbox.up(yaml(ssh, port, ssh.port, ", idle: 5s")
                    + "  old: {forward: \"%d:127.0.0.1:%d\", via: \"%s\", key: \"%s\", max_age: 4s}\n"
                            .formatted(aged, target.port, ssh.via(), ssh.key()));
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                assertThat(client.getInputStream().read()).isEqualTo('S');
                is(sandbox, "old", "stopped");
                assertThat(reason(sandbox, "old")).contains("its time of 4s is over", "bulkhead tunnel open old");
                eventually(
                        "it is announced",
                        () -> sandbox.run("events", "old").ok().out().contains("unless a client connects"));
                sandbox.run("tunnel", "open", "old").ok();
                is(sandbox, "old", "stopped");
                assertThat(tunnel(sandbox, "db"))
                        .as("longer than its idle time, in use")
                        .containsEntry("state", "up")
                        .containsEntry("clients", 1L);
            }
            is(sandbox, "db", "stopped");
            assertThat(reason(sandbox, "db")).contains("no client for 5s");
        }
    }
}
