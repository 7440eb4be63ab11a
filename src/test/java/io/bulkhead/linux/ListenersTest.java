package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ListenersTest {

    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    @Test
    void aListenerIsFoundWithItsOwner() throws IOException {
        try (ServerSocket ours = new ServerSocket(0, 5, V4)) {
            List<Listener> found = Listeners.find(ours.getLocalPort());

            assertThat(found).hasSize(1);
            Listener listener = found.getFirst();
            assertThat(listener.place()).isEqualTo("127.0.0.1:" + ours.getLocalPort());
            assertThat(listener.family()).isEqualTo(Listener.Family.IPV4);
            assertThat(listener.uid()).hasValue(Users.effectiveUser());
            assertThat(listener.holders()).extracting(ProcessFacts::pid).containsExactly(SELF);
            ProcessFacts owner = listener.holders().getFirst();
            assertThat(owner.program()).isEqualTo("java");
            assertThat(owner.isCalled("java")).isTrue();
            assertThat(owner.isCalled("node")).isFalse();
            assertThat(owner.user()).isEqualTo(System.getProperty("user.name"));
            assertThat(owner.started()).isBefore(Instant.now().plusSeconds(2)).isAfter(Instant.EPOCH);
            assertThat(listener.holderWords()).startsWith("java (pid " + SELF + ", user ");
        }
    }

    @Test
    void aPortThatNobodyListensOnIsFree() throws IOException {
        int port;
        try (ServerSocket ours = new ServerSocket(0, 5, V4)) {
            port = ours.getLocalPort();
        }
        assertThat(Listeners.find(port)).isEmpty();
    }

    @Test
    void bothFamiliesOfOnePortAreToldApart() throws IOException {
        try (ServerSocket four = new ServerSocket(0, 5, V4);
                ServerSocket six = new ServerSocket(four.getLocalPort(), 5, V6)) {
            assertThat(Listeners.find(six.getLocalPort()))
                    .extracting(Listener::place)
                    .containsExactly("127.0.0.1:" + four.getLocalPort(), "[::1]:" + four.getLocalPort());
        }
    }

    /** Java listens on every address, v6 and v4, with one socket. */
    @Test
    void oneSocketForBothFamiliesIsNotV6Only() throws IOException {
        try (ServerSocketChannel both = ServerSocketChannel.open();
                ServerSocketChannel six = ServerSocketChannel.open(StandardProtocolFamily.INET6)) {
            both.bind(new java.net.InetSocketAddress(0));
            int port = ((java.net.InetSocketAddress) both.getLocalAddress()).getPort();
            assertThat(Listeners.find(port)).singleElement().satisfies(listener -> {
                assertThat(listener.place()).isEqualTo("[::]:" + port);
                assertThat(listener.v6Only()).isFalse();
            });
            assertThat(six).isNotNull();
        }
    }

    @Test
    void aUnixSocketIsFoundByItsPath(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("größe of it.sock");
        try (ServerSocketChannel ours = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            ours.bind(UnixDomainSocketAddress.of(path));
            assertThat(Listeners.find(path.toString())).singleElement().satisfies(listener -> {
                assertThat(listener.place()).isEqualTo(path.toString());
                assertThat(listener.holders()).extracting(ProcessFacts::pid).containsExactly(SELF);
            });
        }
        assertThat(path).as("the file outlives its listener").exists();
        assertThat(Listeners.find(path.toString())).isEmpty();
    }

    @Test
    void connectionsAreNoListeners() throws IOException {
        try (ServerSocket ours = new ServerSocket(0, 5, V4);
                Socket client = new Socket(V4, ours.getLocalPort());
                Socket server = ours.accept()) {
            assertThat(server.isConnected()).isTrue();
            assertThat(TcpSockets.listening())
                    .filteredOn(socket -> socket.port() == ours.getLocalPort())
                    .hasSize(1);
            assertThat(TcpSockets.connected())
                    .filteredOn(socket -> socket.peerPort() == ours.getLocalPort())
                    .singleElement()
                    .satisfies(socket -> {
                        assertThat(socket.port()).isEqualTo(client.getLocalPort());
                        assertThat(socket.peer()).isEqualTo(V4);
                        assertThat(socket.state()).isEqualTo(TcpSocket.ESTABLISHED);
                    });
        }
    }

    /** Where netlink is forbidden the text tables tell the same. */
    @Test
    void theTextTablesTellTheSame() throws IOException {
        try (ServerSocket four = new ServerSocket(0, 5, V4);
                ServerSocket six = new ServerSocket(0, 5, V6)) {
            // Java opens IPv6 sockets for IPv4 addresses too: they stand in the second table.
            List<TcpSocket> read = new ArrayList<>();
            for (String table : List.of("tcp", "tcp6")) {
                read.addAll(TcpSockets.table(Files.readString(Path.of("/proc/net", table)), 1 << TcpSocket.LISTENING));
            }
            for (ServerSocket socket : List.of(four, six)) {
                assertThat(read)
                        .filteredOn(found -> found.port() == socket.getLocalPort())
                        .usingRecursiveFieldByFieldElementComparatorIgnoringFields("v6Only")
                        .isEqualTo(TcpSockets.listening().stream()
                                .filter(found -> found.port() == socket.getLocalPort())
                                .toList())
                        .hasSize(1);
            }
        }
    }

    @Test
    void brokenTablesAreEmpty() {
        assertThat(TcpSockets.table("", -1)).isEmpty();
        assertThat(TcpSockets.table("  sl  local_address rem_address   st tx_queue rx_queue tr tm->when a b c d\n", -1))
                .isEmpty();
        assertThat(UnixSockets.parse("Num RefCount\nffff: 2 0 10000 1 1 x /a\nf: 1\n"))
                .isEmpty();
    }

    /** An ordinary user sees that root listens, not which process it is, and is told so. */
    @Test
    void whatMayNotBeSeenIsSaid() throws Exception {
        assumeTrue(Users.effectiveUser() == 0, "needs root to become somebody else");
        try (ServerSocket ours = new ServerSocket(0, 5, V4)) {
            Process process = new ProcessBuilder(
                            "setpriv",
                            "--reuid=65534",
                            "--regid=65534",
                            "--clear-groups",
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xmx64m",
                            "-cp",
                            System.getProperty("java.class.path"),
                            ListenersProgram.class.getName(),
                            Integer.toString(ours.getLocalPort()))
                    .redirectErrorStream(true)
                    .start();
            try {
                assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(process.inputReader().readAllLines())
                        .containsExactly("127.0.0.1:" + ours.getLocalPort()
                                + " a process of user root whose descriptors only root may see");
            } finally {
                process.destroyForcibly();
            }
        }
    }

    /** Between the look and the act the number may have become another process's. */
    @Test
    void aProcessIsHeldOnlyWhileItIsTheSame() throws Exception {
        int pid = new Spawn(Path.of("/bin/sleep"), List.of("sleep", "60"), Map.of()).start();
        ProcessIdentity seen = ProcessIdentity.of(pid).orElseThrow();
        ProcessIdentity another = new ProcessIdentity(seen.bootId(), pid, seen.startTicks() - 1);
        assertThat(Pidfd.of(another)).isEmpty();
        try (Pidfd held = Pidfd.of(seen).orElseThrow()) {
            held.signal(Signals.KILL);
            await().until(held::ended);
            held.reap();
        }
        assertThat(Pidfd.of(seen)).isEmpty();
    }

    @Test
    void addressesReadAsPeopleWriteThem() {
        assertThat(TcpSocket.text(InetAddress.ofLiteral("::1"))).isEqualTo("::1");
        assertThat(TcpSocket.text(InetAddress.ofLiteral("::"))).isEqualTo("::");
        assertThat(TcpSocket.text(InetAddress.ofLiteral("fe80::1:0:0:2"))).isEqualTo("fe80::1:0:0:2");
        assertThat(TcpSocket.text(InetAddress.ofLiteral("2001:db8:0:1:1:1:1:1")))
                .isEqualTo("2001:db8:0:1:1:1:1:1");
        assertThat(TcpSocket.text(InetAddress.ofLiteral("2001:db8::"))).isEqualTo("2001:db8::");
        assertThat(TcpSocket.text(V4)).isEqualTo("127.0.0.1");
    }
}
