package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets that belong to Bulkhead: programs come and go, connections wait. */
class SocketsIT {

    /** Tells each client who it is; with a file "slow" beside it, it takes its time until it accepts. */
    private static final String SERVER = """
            #!/usr/bin/perl
            use Socket;
            open(my $s, "+<&=", 3) or die "fd 3: $!";
            while (-e "hold") { select(undef, undef, undef, 0.02); }
            while (accept(my $c, $s)) {
              my $ask = <$c>;
              exit 3 if $ask eq "die\\n";
              print $c join(" ", $$, map { $ENV{$_} // "-" } qw(LISTEN_PID LISTEN_FDS LISTEN_FDNAMES PORT BULKHEAD_INSTANCE)), "\\n";
              close $c;
            }
            """;

    private int port;

    @BeforeEach
    void choosePort() throws IOException {
        port = freePort();
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private String app(String more) {
        return "apps:\n  web:\n    command: ./server\n    ready: 50ms\n    listen: {address: " + port
                + ", handover: true}\n" + more;
    }

    private static Sandbox sandbox() throws Exception {
        Sandbox sandbox = new Sandbox();
        sandbox.script("server", SERVER);
        return sandbox;
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(20_000);
        return socket;
    }

    private static String ask(Socket socket, String question) throws IOException {
        try (socket) {
            socket.getOutputStream().write((question + "\n").getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }

    private static long answerer(String answer) {
        return Long.parseLong(answer.split(" ")[0]);
    }

    private void assertRefused() {
        assertThatThrownBy(() -> connect().close()).isInstanceOf(ConnectException.class);
    }

    private static long daemon(Sandbox sandbox) throws Exception {
        Map<?, ?> daemon =
                (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
        return ((Number) daemon.get("pid")).longValue();
    }

    private static void again(Sandbox sandbox) throws Exception {
        sandbox.run("up", "-d", "-f", sandbox.home.resolve("bulkhead.yaml").toString())
                .ok();
    }

    @Test
    void theProgramIsToldAsBySystemdAlsoWhenASpareBecomesIt() throws Exception {
        try (Sandbox sandbox = sandbox().up(app(""))) {
            String facts = " 1 " + port + " " + port + " 0";
            long first = sandbox.pid("web");
            assertThat(ask(connect(), "who")).isEqualTo(first + " " + first + facts);
            for (int round = 0; round < 3; round++) {
                long dead = answerer(ask(connect(), "who"));
                kill(dead, "KILL");
                String answer = ask(connect(), "who");
                long next = answerer(answer);
                if (next == dead) {
                    continue; // it was accepted before the signal came
                }
                assertThat(answer).isEqualTo(next + " " + next + facts);
                eventually("it is shown", () -> sandbox.pid("web") == next);
            }
        }
    }

    @Test
    void aConnectionMadeWhileNoProgramLivesWaitsAndIsAnswered() throws Exception {
        try (Sandbox sandbox = sandbox().up(app("    backoff: {first: 1s, max: 1s}\n"))) {
            long first = sandbox.pid("web");
            assertThat(ask(connect(), "die")).isEmpty();
            eventually("it is replaced", () -> sandbox.pid("web") != first);
            // The second crash in a row is answered after a pause: nobody lives now.
            long second = sandbox.pid("web");
            assertThat(ask(connect(), "die")).isEmpty();
            eventually("it is dead", () -> !alive(second));
            assertThat(answerer(ask(connect(), "who"))).isNotIn(first, second);
        }
    }

    @Test
    void theSocketOutlivesTheDaemonAndThenTheProgram() throws Exception {
        try (Sandbox sandbox = sandbox().up(app(""))) {
            long program = sandbox.pid("web");
            long daemon = daemon(sandbox);
            kill(daemon, "KILL");
            eventually("the daemon is gone", () -> !alive(daemon));
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(program);
            kill(program, "KILL");
            eventually("the program is gone", () -> !alive(program));
            try (Socket waiting = connect()) {
                again(sandbox);
                assertThat(answerer(ask(waiting, "who"))).isNotEqualTo(program);
            }
            sandbox.run("restart", "web").ok();
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
        }
    }

    @Test
    void aStoppedAppRefusesConnections() throws Exception {
        try (Sandbox sandbox = sandbox().up(app(""))) {
            sandbox.run("stop", "web").ok();
            eventually("nobody listens", this::isRefused);
            sandbox.run("start", "web").ok();
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
            sandbox.run("delete", "web").ok();
            eventually("nobody listens", this::isRefused);
        }
    }

    private boolean isRefused() throws IOException {
        try {
            connect().close();
            return false;
        } catch (ConnectException refused) {
            return true;
        }
    }
}
