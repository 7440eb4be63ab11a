package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Real programs that come to wait for connections in each of the ways there are. */
class AcceptorsTest {

    @TempDir
    Path folder;

    private final Acceptors acceptors = Acceptors.HOST;

    private static final String LISTENS = "use Socket; socket(S, PF_INET, SOCK_STREAM, 0) or die;"
            + " bind(S, sockaddr_in(0, INADDR_LOOPBACK)) or die; listen(S, 5) or die; $| = 1; print \"listening\\n\"; <STDIN>; ";

    /** Its sockets, all of which are the one it listens on. */
    private static Set<Long> sockets(long pid) {
        Set<Long> sockets = new HashSet<>();
        for (TcpSocket socket : TcpSockets.listening()) {
            if (SocketHolders.among(List.of((int) pid), Set.of(socket.inode()))
                            .holders()
                            .size()
                    == 1) {
                sockets.add(socket.inode());
            }
        }
        return sockets;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "accept|accept(C, S); sleep 100",
                "select|$r = ''; vec($r, fileno(S), 1) = 1; select($x = $r, undef, undef, undef); sleep 100",
                "poll|use IO::Poll; $p = IO::Poll->new; $p->mask(*S => 1); $p->poll(100); sleep 100"
            })
    void aThreadThatWaitsForAConnectionIsSeen(String way, String script) throws Exception {
        Process program = new ProcessBuilder("perl", "-e", LISTENS + script).start();
        try {
            program.inputReader().readLine();
            Set<Long> sockets = sockets(program.pid());
            assertThat(sockets).as(way).hasSize(1);
            List<Integer> processes = List.of((int) program.pid());
            assertThat(acceptors.waiting(processes, sockets)).isEqualTo(Sight.NOT_YET);

            try (OutputStream in = program.getOutputStream()) {
                in.write("go\n".getBytes(StandardCharsets.US_ASCII));
            }
            await().until(() -> acceptors.waiting(processes, sockets) == Sight.WAITS);
            assertThat(acceptors.waiting(processes, Set.of(1L))).isEqualTo(Sight.NOT_YET);
        } finally {
            program.destroyForcibly();
        }
    }

    /** Here the test is the program: the JDK's selector is an epoll. */
    @Test
    void aSocketInAnEpollSetIsSeen() throws IOException {
        List<Integer> self = List.of((int) ProcessHandle.current().pid());
        try (ServerSocketChannel server = ServerSocketChannel.open();
                Selector selector = Selector.open()) {
            server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            server.configureBlocking(false);
            int port = ((InetSocketAddress) server.getLocalAddress()).getPort();
            Set<Long> sockets = new HashSet<>();
            TcpSockets.listening().stream()
                    .filter(socket -> socket.port() == port)
                    .forEach(socket -> sockets.add(socket.inode()));
            assertThat(acceptors.waiting(self, sockets)).isEqualTo(Sight.NOT_YET);

            server.register(selector, SelectionKey.OP_ACCEPT);
            selector.selectNow();
            assertThat(acceptors.waiting(self, sockets)).isEqualTo(Sight.WAITS);
        }
    }

    @Test
    void linesOfAnEpollAreRead() {
        String info = "pos:\t0\nflags:\t02\ntfd:        5 events:       19 data:        5  pos:0 ino:a8f1 sdev:8\n"
                + "tfd:        6 events:        4 data: 6  pos:0 ino:b00b sdev:8\nnonsense\ntfd: ino:zz\n";
        assertThat(Acceptors.watches(info, Set.of(0xa8f1L))).isTrue();
        assertThat(Acceptors.watches(info, Set.of(0xb00bL))).isFalse();
        assertThat(Acceptors.watches(info, Set.of(1L))).isFalse();
    }

    @Test
    void nobodyAndTheDeadDoNotWait() {
        assertThat(acceptors.waiting(List.of(), Set.of(1L))).isEqualTo(Sight.NOT_YET);
        assertThat(acceptors.waiting(List.of(Integer.MAX_VALUE), Set.of(1L))).isEqualTo(Sight.NOT_YET);
    }

    @Test
    void whoOpenedAnAddressItselfIsSeen() throws IOException {
        List<Integer> self = List.of((int) ProcessHandle.current().pid());
        Path file = folder.resolve("app.sock");
        try (ServerSocketChannel tcp = ServerSocketChannel.open();
                ServerSocketChannel unix = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            tcp.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
            int port = ((InetSocketAddress) tcp.getLocalAddress()).getPort();
            assertThat(ListeningSockets.atPort(port).heldBy(self)).isEqualTo(Sight.WAITS);
            assertThat(ListeningSockets.atPort(port).heldBy(List.of())).isEqualTo(Sight.NOT_YET);
            assertThat(ListeningSockets.atPort(1).heldBy(self)).isEqualTo(Sight.NOT_YET);

            assertThat(ListeningSockets.atFile(file).heldBy(self)).isEqualTo(Sight.NOT_YET);
            unix.bind(UnixDomainSocketAddress.of(file));
            assertThat(ListeningSockets.atFile(file).heldBy(self)).isEqualTo(Sight.WAITS);
        }
    }
}
