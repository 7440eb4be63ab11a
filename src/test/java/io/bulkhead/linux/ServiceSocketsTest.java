package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.linux.ServiceSockets.Place;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Real sockets of this process, seen from outside. */
class ServiceSocketsTest {

    private static final int SELF = (int) ProcessHandle.current().pid();
    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    private static List<ServiceSocket> at(Place... places) {
        return ServiceSockets.of(List.of(places)).sockets();
    }

    private static Place port(int port) {
        return new Place(List.of(V4, V6), true, port, "");
    }

    @Test
    void bothEndsOfAConnectionAreOne() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, V4);
                Socket client = new Socket(V4, server.getLocalPort());
                Socket accepted = server.accept()) {
            assertThat(at(port(1), port(server.getLocalPort()))).singleElement().satisfies(seen -> {
                assertThat(seen.service()).isEqualTo(1);
                assertThat(seen.clientPort()).isEqualTo(client.getLocalPort());
                assertThat(seen.clientAddress()).isEqualTo("127.0.0.1");
                assertThat(seen.clients()).containsExactly(SELF);
                assertThat(seen.servers()).containsExactly(SELF);
                assertThat(seen.state()).isEqualTo(TcpSocket.ESTABLISHED);
                assertThat(seen.quietMillis()).isBetween(0L, 60_000L);
                assertThat(seen.uid()).isEqualTo(Users.effectiveUser());
            });
            assertThat(accepted.isConnected()).isTrue();
            // A look among others finds the connection, and nobody who holds it.
            assertThat(ServiceSockets.of(List.of(port(server.getLocalPort())), Set.of(1))
                            .sockets())
                    .singleElement()
                    .satisfies(seen -> assertThat(seen.clients()).isEmpty());
        }
    }

    @Test
    void whatTheServerHasClosedAndTheClientNotIsLeftOpen() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 5, V4);
                Socket client = new Socket(V4, server.getLocalPort())) {
            server.accept().close();

            await().untilAsserted(() -> assertThat(at(port(server.getLocalPort())))
                    .singleElement()
                    .satisfies(seen -> {
                        assertThat(seen.leftOpen()).isTrue();
                        assertThat(seen.clients()).containsExactly(SELF);
                    }));
            assertThat(client.isClosed()).isFalse();
        }
    }

    @Test
    void theUnixSocketOfAServiceWithAPortIsPartOfIt(@TempDir Path folder) throws Exception {
        UnixDomainSocketAddress file = UnixDomainSocketAddress.of(folder.resolve("s.sock"));
        try (ServerSocket server = new ServerSocket(0, 5, V4);
                ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            unix.bind(file);
            try (SocketChannel client = SocketChannel.open(file);
                    SocketChannel accepted = unix.accept()) {
                for (Place place : List.of(
                        port(server.getLocalPort()),
                        new Place(List.of(), true, 0, file.getPath().toString()))) {
                    assertThat(at(place)).as("%s", place).singleElement().satisfies(seen -> {
                        assertThat(seen.clientPort()).isZero();
                        assertThat(seen.clients()).containsExactly(SELF);
                        assertThat(seen.servers()).containsExactly(SELF);
                    });
                }
                assertThat(client.isConnected() && accepted.isConnected()).isTrue();
            }
        }
    }

    @Test
    void fiveHundredAreSeenAtOnce() throws Exception {
        List<Socket> all = new ArrayList<>();
        try (ServerSocket server = new ServerSocket(0, 600, V4)) {
            for (int i = 0; i < 500; i++) {
                all.add(new Socket(V4, server.getLocalPort()));
            }
            assertThat(at(port(server.getLocalPort())))
                    .hasSize(500)
                    .allMatch(seen -> seen.clients().contains(SELF));
            if (Boolean.getBoolean("measure")) {
                var threads = java.lang.management.ManagementFactory.getThreadMXBean();
                for (int i = 0; i < 30; i++) {
                    long from = System.nanoTime();
                    long cpu = threads.getCurrentThreadCpuTime();
                    at(port(server.getLocalPort()));
                    System.out.println("500 connections: " + (System.nanoTime() - from) / 1_000
                            + " us, of the processor " + (threads.getCurrentThreadCpuTime() - cpu) / 1_000 + " us");
                }
            }
        } finally {
            for (Socket one : all) {
                one.close();
            }
        }
    }
}
