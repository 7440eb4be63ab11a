package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
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

    /** Tells each client who it is and what it was told. */
    private static final String SERVER = """
            #!/usr/bin/perl
            use Socket;
            open(my $s, "+<&=", 3) or die "fd 3: $!";
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
                eventually("it is dead", () -> !alive(dead));
                String answer = ask(connect(), "who");
                long next = answerer(answer);
                assertThat(next).isNotEqualTo(dead);
                assertThat(answer).isEqualTo(next + " " + next + facts);
                eventually("it is shown", () -> shows(sandbox, next));
            }
        }
    }

    @Test
    void aConnectionMadeWhileNoProgramLivesWaitsAndIsAnswered() throws Exception {
        try (Sandbox sandbox = sandbox().up(app("    backoff: {first: 3s, max: 3s}\n"))) {
            dieUntilItPauses(sandbox);
            String answer = ask(connect(), "who");
            eventually("the next one has answered", () -> shows(sandbox, answerer(answer)));
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

    /** The first crash may be answered at once; one of the next is not, and then nobody lives for a while. */
    private void dieUntilItPauses(Sandbox sandbox) throws Exception {
        eventually("it pauses", () -> {
            if (sandbox.instance("web", 0).get("pid") != null) {
                assertThat(ask(connect(), "die")).isEmpty();
            }
            return sandbox.instance("web", 0).get("state").equals("backoff");
        });
    }

    private static boolean shows(Sandbox sandbox, long pid) throws Exception {
        return sandbox.instance("web", 0).get("pid") instanceof Number shown && shown.longValue() == pid;
    }

    @Test
    void aConnectionOutlivesADaemonThatDiesWhileNoProgramLives() throws Exception {
        try (Sandbox sandbox = sandbox().up(app("    backoff: {first: 30s, max: 30s}\n"))) {
            dieUntilItPauses(sandbox);
            try (Socket waiting = connect()) {
                long daemon = daemon(sandbox);
                kill(daemon, "KILL");
                eventually("the daemon is gone", () -> !alive(daemon));
                again(sandbox);
                assertThat(answerer(ask(waiting, "who"))).isEqualTo(sandbox.pid("web"));
            }
        }
    }

    @Test
    void whatAStopDecidedHoldsForTheSocketsOfTheNextDaemonToo() throws Exception {
        try (Sandbox sandbox = sandbox().up(app(""))) {
            long program = sandbox.pid("web");
            long daemon = daemon(sandbox);
            kill(daemon, "KILL");
            eventually("the daemon is gone", () -> !alive(daemon));
            kill(program, "KILL");
            sandbox.write("bulkhead.yaml", "apps:\n  other:\n    command: sleep 1000\n");
            again(sandbox);
            eventually("nobody listens", this::isRefused);
        }
    }

    /** Where Yama forbids tracing, or as here a capability is missing, pidfd_getfd(2) is refused: keepers pass the socket on. */
    @Test
    void aDaemonThatMayNotTakeTheSocketBackStillHandsItOn() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        try (Sandbox sandbox = sandbox().up(app("    replace: start-first\n"))) {
            long first = sandbox.pid("web");
            long daemon = daemon(sandbox);
            kill(daemon, "KILL");
            eventually("the daemon is gone", () -> !alive(daemon));
            Process weak = new ProcessBuilder(
                            "setpriv",
                            "--bounding-set=-sys_ptrace",
                            Sandbox.PROGRAM.toString(),
                            "up",
                            "-d",
                            "-f",
                            sandbox.home.resolve("bulkhead.yaml").toString(),
                            "--home",
                            sandbox.home.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(sandbox.home.resolve("weak.txt").toFile())
                    .start();
            assertThat(weak.waitFor()).isZero();
            assertThat(sandbox.run("logs", "--daemon").ok().out()).contains("the socket stays with its keepers");
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(first);
            // A second generation beside the first needs a keeper of its own; then one after the other in that one.
            sandbox.run("restart", "web").ok();
            long second = sandbox.pid("web");
            assertThat(second).isNotEqualTo(first);
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(second);
            assertThat(ask(connect(), "die")).isEmpty();
            assertThat(answerer(ask(connect(), "who"))).isNotEqualTo(second);
            sandbox.run("stop", "web").ok();
            eventually("nobody listens", this::isRefused);
            sandbox.run("start", "web").ok();
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
        }
    }

    @Test
    void rootOpensALowPortForAnOrdinaryUsersApp() throws Exception {
        assumeTrue(System.getProperty("user.name").equals("root"), "needs root");
        port = 1023;
        while (!isRefused()) {
            port--;
        }
        try (Sandbox sandbox = sandbox()) {
            Files.setPosixFilePermissions(sandbox.home, PosixFilePermissions.fromString("rwxr-xr-x"));
            sandbox.up(app("    user: nobody\n"));
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
        }
    }

    @Test
    void theKeeperOfAnotherVersionEndsWithItsProgramAndItsSocketDoesNot() throws Exception {
        try (Sandbox sandbox = sandbox().up(app(""))) {
            long first = sandbox.pid("web");
            Object keeper = sandbox.instance("web", 0).get("keeper_pid");
            long daemon = daemon(sandbox);
            kill(daemon, "KILL");
            eventually("the daemon is gone", () -> !alive(daemon));
            Path script = sandbox.home.resolve("run/c/web-0-0/keeper.sh");
            Files.writeString(script, Files.readString(script) + "# another version\n");
            again(sandbox);
            assertThat(sandbox.instance("web", 0).get("keeper_pid")).isEqualTo(keeper);
            kill(first, "KILL");
            eventually("the program is gone", () -> !alive(first));
            long second = answerer(ask(connect(), "who"));
            assertThat(second).isNotEqualTo(first);
            eventually("it is shown", () -> shows(sandbox, second));
            assertThat(sandbox.instance("web", 0).get("keeper_pid")).isNotEqualTo(keeper);
            eventually("the old keeper is gone", () -> !alive(((Number) keeper).longValue()));
        }
    }

    @Test
    void aPortTakenByAStrangerIsRefusedAndSaysWho() throws Exception {
        try (ServerSocket stranger = new ServerSocket(port);
                Sandbox sandbox = sandbox()) {
            assertThat(stranger.isBound()).isTrue();
            sandbox.write("bulkhead.yaml", app(""));
            Sandbox.Result result = sandbox.run(
                            "up",
                            "-d",
                            "-f",
                            sandbox.home.resolve("bulkhead.yaml").toString())
                    .exits(5);
            assertThat(result.all())
                    .contains(
                            "port " + port + " is taken",
                            "java",
                            "pid " + ProcessHandle.current().pid())
                    .contains("user " + System.getProperty("user.name"), "since 20");
            sandbox.run("start", "web").exits(5);
            sandbox.run("check").exits(5);
            eventually(
                    "it is shown", () -> sandbox.instance("web", 0).get("state").equals("blocked"));
            stranger.close();
            sandbox.run("start", "web").ok();
            sandbox.run("check").ok();
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
        }
    }

    @Test
    void whatAProgramOpensItselfIsOnlyGuarded() throws Exception {
        String yaml = app("").replace("handover: true", "handover: false").replace("./server", "./own");
        try (Sandbox sandbox = sandbox()) {
            sandbox.script("own", """
                    #!/usr/bin/perl
                    use Socket;
                    socket(my $s, PF_INET, SOCK_STREAM, 0); setsockopt($s, SOL_SOCKET, SO_REUSEADDR, 1);
                    bind($s, sockaddr_in($ENV{PORT}, INADDR_LOOPBACK)) or die "bind: $!"; listen($s, 5);
                    die "inherited" if -e "/proc/$$/fd/4";
                    while (accept(my $c, $s)) { <$c>; print $c join(" ", $$, $ENV{LISTEN_FDS} // "none"), "\\n"; close $c; }
                    """);
            try (ServerSocket stranger = new ServerSocket(port)) {
                assertThat(stranger.isBound()).isTrue();
                sandbox.write("bulkhead.yaml", yaml);
                assertThat(sandbox.run(
                                        "up",
                                        "-d",
                                        "-f",
                                        sandbox.home.resolve("bulkhead.yaml").toString())
                                .exits(5)
                                .all())
                        .contains(
                                "port " + port + " is taken",
                                "pid " + ProcessHandle.current().pid());
            }
            sandbox.run("start", "web").ok();
            eventually("it serves", () -> !isRefused());
            assertThat(ask(connect(), "")).isEqualTo(sandbox.pid("web") + " none");
            sandbox.run("restart", "web").ok();
            eventually("it serves", () -> !isRefused());
            assertThat(ask(connect(), "")).isEqualTo(sandbox.pid("web") + " none");
        }
    }

    @Test
    void instancesShareTheSocket() throws Exception {
        try (Sandbox sandbox = sandbox().up(app("    instances: 2\n"))) {
            Set<String> instances = new HashSet<>();
            eventually("both have answered", () -> {
                String answer = ask(connect(), "who");
                instances.add(answer.substring(answer.lastIndexOf(' ') + 1));
                return instances.size() == 2;
            });
        }
    }

    @Test
    void aSocketFileIsForAllWhoReachItsFolderAndGoesWithTheApp() throws Exception {
        try (Sandbox sandbox = sandbox()) {
            Path file = sandbox.home.resolve("sockets/web.sock");
            Files.createDirectories(file.getParent());
            try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                stale.bind(UnixDomainSocketAddress.of(file)); // its file stays
            }
            sandbox.up("apps:\n  web:\n    command: ./server\n    ready: 50ms\n    listen: {address: " + file
                    + ", handover: true}\n");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-rw-rw-");
            String facts = sandbox.pid("web") + " " + sandbox.pid("web") + " 1 " + file + " - 0";
            assertThat(ask(file)).isEqualTo(facts);
            Files.delete(file);
            sandbox.run("restart", "web").ok();
            assertThat(ask(file)).startsWith(sandbox.pid("web") + " ");
            sandbox.run("stop", "web").ok();
            eventually("the file is gone", () -> !Files.exists(file));
        }
    }

    private static String ask(Path file) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(file))) {
            channel.write(ByteBuffer.wrap("who\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(200);
            while (channel.read(answer) >= 0) {
                assertThat(answer.hasRemaining()).isTrue();
            }
            return new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII).strip();
        }
    }

    @Test
    void anotherAddressIsOpenedAndTheOldOneClosed() throws Exception {
        int first = port;
        int second = freePort();
        try (Sandbox sandbox = sandbox().up(app(""))) {
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
            port = second;
            sandbox.write("bulkhead.yaml", app(""));
            sandbox.run("apply").ok();
            assertThat(answerer(ask(connect(), "who"))).isEqualTo(sandbox.pid("web"));
            port = first;
            eventually("the old one is closed", this::isRefused);
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
