package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.TunnelIT.pid;
import static io.bulkhead.e2e.TunnelIT.through;
import static io.bulkhead.e2e.TunnelIT.tunnel;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** {@code tunnel open FORWARD VIA}: it lives as long as its command and its terminal, however these end. */
class OpenTunnelIT {

    private final int port;

    OpenTunnelIT() throws Exception {
        port = SshServer.quietPort();
    }

    private String name() {
        return "open-" + port;
    }

    private String command(Sandbox sandbox, SshServer ssh, Greeter target) {
        return "env BULKHEAD_HOME=%s %s tunnel open %d:127.0.0.1:%d %s --key %s"
                .formatted(sandbox.home, Sandbox.PROGRAM, port, target.port, ssh.via(), ssh.key());
    }

    private long opened(Sandbox sandbox) throws Exception {
        eventually("it is up", () -> "up".equals(tunnel(sandbox, name()).get("state")));
        assertThat(through(port)).isEqualTo("hello");
        return pid(sandbox, name());
    }

    private void isGone(Sandbox sandbox, long ssh, String why) throws Exception {
        eventually("its ssh has ended", () -> !alive(ssh));
        eventually(
                "it is forgotten", () -> "none".equals(tunnel(sandbox, name()).get("state")));
        assertThat(sandbox.run("events").ok().out()).contains(why);
    }

    @Test
    void endsWithItsCommandEvenWhenThatIsKilled() throws Exception {
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox().up("apps: {}\n");
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            Path output = sandbox.home.resolve("output");
            Process command = sandbox.begin(
                    output,
                    "tunnel",
                    "open",
                    port + ":127.0.0.1:" + target.port,
                    ssh.via(),
                    "--key",
                    ssh.key().toString(),
                    "--for",
                    "1h");
            long first = opened(sandbox);
            assertThat(Files.readString(output))
                    .contains(name() + ": 127.0.0.1:" + port + " leads to 127.0.0.1:" + target.port + " through "
                            + ssh.via());
            assertThat(tunnel(sandbox, name())).containsEntry("origin", "terminal");
            assertThat(tunnel(sandbox, name()).get("closes")).isNotNull();
            // The launcher is a shell or the JVM itself: whatever it is, all of it goes at once.
            command.descendants().forEach(ProcessHandle::destroyForcibly);
            command.destroyForcibly();
            isGone(sandbox, first, "closed: the command that opened it has ended");

            Process second = sandbox.begin(
                    output,
                    "tunnel",
                    "open",
                    port + ":127.0.0.1:" + target.port,
                    ssh.via(),
                    "--key",
                    ssh.key().toString());
            long third = opened(sandbox);
            sandbox.run("tunnel", "close", name()).ok();
            isGone(sandbox, third, "closed by");
            second.waitFor();
            assertThat(Files.readString(output)).contains("closed: closed by");
        }
    }

    @Test
    void endsWithItsTerminalEvenInTheBackgroundOfAKilledShell() throws Exception {
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox().up("apps: {}\n");
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            SshServer.Terminal closed = ssh.terminal();
            closed.type(command(sandbox, ssh, target) + "\n");
            long first = opened(sandbox);
            closed.close();
            isGone(sandbox, first, "closed: the command that opened it has ended");

            SshServer.Terminal killed = ssh.terminal();
            killed.type("nohup " + command(sandbox, ssh, target) + " > /dev/null 2>&1 & echo $$ > "
                    + sandbox.home.resolve("shell") + "\n");
            long second = opened(sandbox);
            Sandbox.kill(
                    Long.parseLong(
                            Files.readString(sandbox.home.resolve("shell")).strip()),
                    "KILL");
            isGone(sandbox, second, "closed: the command that opened it has ended");
        }
    }

    @Test
    void asksOnceForTheHostKey() throws Exception {
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox().up("apps: {}\n");
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            SshServer.Terminal terminal = ssh.terminal();
            terminal.type(command(sandbox, ssh, target) + "\n");
            eventually("it asks", () -> terminal.screen().contains("yes or no:"));
            assertThat(terminal.screen()).contains("shows the host key ssh-ed25519", "SHA256:");
            terminal.type("yes\n");
            opened(sandbox);
            assertThat(sandbox.run("events").ok().out()).contains("trusts the host key of " + ssh.via());
        }
    }

    @Test
    void outlivesADaemonAndIsNotForgotten() throws Exception {
        try (Greeter target = new Greeter();
                Sandbox sandbox = new Sandbox().up("apps: {}\n");
                SshServer ssh = new SshServer(sandbox.home.resolve("ssh"))) {
            ssh.trusted(sandbox.home);
            SshServer.Terminal terminal = ssh.terminal();
            terminal.type(command(sandbox, ssh, target) + "\n");
            long first = opened(sandbox);
            long daemon = ((Number) ((java.util.Map<?, ?>)
                                    sandbox.run("status", "--json").ok().json().get("daemon"))
                            .get("pid"))
                    .longValue();
            Sandbox.kill(daemon, "KILL");
            eventually("it is dead", () -> !alive(daemon));
            sandbox.run("up", "-d").ok();
            assertThat(pid(sandbox, name())).isEqualTo(first);
            assertThat(through(port)).isEqualTo("hello");
            terminal.close();
            isGone(sandbox, first, "closed: the command");
        }
    }
}
