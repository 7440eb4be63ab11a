package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sockets that live as long as their keepers, whoever else comes and goes. */
class ListenSocketTest {

    /** Answers each connection with its number and what it was told of its sockets. */
    private static final String SERVER = """
            use Socket;
            my $fd = $ARGV[0]; open(my $s, "+<&=", $fd) or die "fd $fd: $!";
            print STDERR "serving\\n";
            while (accept(my $c, $s)) { print $c "$$ $ENV{LISTEN_PID} $ENV{LISTEN_FDS} $ENV{LISTEN_FDNAMES}\\n"; close $c; }
            die "accept: $!";
            """;

    @TempDir
    Path folder;

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.best();
    }

    @AfterEach
    void close() throws IOException {
        host.close();
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private static Socket connect(String address, int port) throws IOException {
        return new Socket(InetAddress.getByName(address), port);
    }

    private static String read(Socket connection) throws IOException {
        return new String(connection.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip();
    }

    private static void assertRefused(String address, int port) {
        assertThatThrownBy(() -> connect(address, port).close()).isInstanceOf(ConnectException.class);
    }

    private SpawnFile server(int fd, String... names) {
        return Compartment.program(
                        folder,
                        Path.of("/usr/bin/perl"),
                        List.of("-e", SERVER, Integer.toString(fd)),
                        Map.of("PATH", "/usr/bin:/bin"))
                .withSockets(List.of(names));
    }

    @Test
    void everyAddressIsOneSocketOfBothFamilies() throws IOException {
        int port = freePort();
        try (ListenSocket socket = ListenSocket.tcp(Optional.empty(), port)) {
            connect("127.0.0.1", port).close();
            connect("::1", port).close();
            assertThatThrownBy(() -> ListenSocket.tryTcp(Optional.empty(), port))
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            error -> assertThat(error.errno()).isEqualTo(Errno.EADDRINUSE));
            assertThat(socket.inode()).isPresent();
        }
        assertRefused("127.0.0.1", port);
    }

    @Test
    void oneAddressIsThatAddressAlone() throws IOException {
        int port = freePort();
        try (ListenSocket four = ListenSocket.tcp(Optional.of(InetAddress.getByName("127.0.0.1")), port);
                ListenSocket six = ListenSocket.tcp(Optional.of(InetAddress.getByName("::1")), port)) {
            connect("127.0.0.1", port).close();
            connect("::1", port).close();
            assertRefused("127.0.0.2", port);
            assertThat(four.inode()).isNotEqualTo(six.inode());
        }
    }

    @Test
    void whatTheHostDoesNotHaveIsAnError() throws IOException {
        int port = freePort();
        InetAddress documentation = InetAddress.getByName("192.0.2.1");
        assertThatThrownBy(() -> ListenSocket.tcp(Optional.of(documentation), port))
                .isInstanceOfSatisfying(
                        ErrnoException.class, error -> assertThat(error.errno()).isEqualTo(Errno.EADDRNOTAVAIL));
        ListenSocket.tryTcp(Optional.empty(), port);
        assertRefused("127.0.0.1", port);
    }

    @Test
    void aProgramServesWhatItInheritedAndIsToldAsBySystemd() throws IOException {
        int port = freePort();
        Compartment compartment;
        try (ListenSocket first = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket second = ListenSocket.tcp(Optional.empty(), port)) {
            compartment = host.open(folder, List.of(first, second));
        }
        Pidfd program = compartment.start(server(4, "one", "two"));
        try (Socket connection = connect("127.0.0.1", port)) {
            assertThat(read(connection)).isEqualTo(program.pid() + " " + program.pid() + " 2 one:two");
        }
    }

    @Test
    void aConnectionMadeWhileNoProgramLivesIsAnsweredByTheNext() throws IOException {
        int port = freePort();
        Compartment compartment;
        try (ListenSocket socket = ListenSocket.tcp(Optional.empty(), port)) {
            compartment = host.open(folder, List.of(socket));
        }
        Pidfd program = compartment.start(server(3, "web"));
        try (Socket connection = connect("127.0.0.1", port)) {
            assertThat(read(connection)).startsWith(program.pid() + " ");
        }
        program.signal(Signals.KILL);
        compartment.exit(program);
        try (Socket waiting = connect("127.0.0.1", port)) {
            Pidfd next = compartment.start(server(3, "web"));
            assertThat(read(waiting)).isEqualTo(next.pid() + " " + next.pid() + " 1 web");
        }
    }

    @Test
    void aSpareServesWithItsOwnNumber() throws IOException {
        int port = freePort();
        Compartment compartment;
        try (ListenSocket socket = ListenSocket.tcp(Optional.empty(), port)) {
            compartment = host.open(folder, List.of(socket));
        }
        compartment.keeper.prepareSpare(server(3, "web"));
        int spare = compartment.answer(Keeper.Answer.Spare.class).pid();
        await().until(() -> Keeper.isSpare(Proc.HOST, spare));
        try (Socket waiting = connect("::1", port)) {
            compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2"));
            assertThat(read(waiting)).isEqualTo(spare + " " + spare + " 1 web");
        }
    }

    @Test
    void isTakenBackFromAKeeperWhenAllElseIsGone() throws IOException {
        int port = freePort();
        Compartment compartment;
        try (ListenSocket socket = ListenSocket.tcp(Optional.empty(), port)) {
            compartment = host.open(folder, List.of(socket));
        }
        try (ListenSocket back = ListenSocket.takenFrom(compartment.keeper.process(), Keeper.FIRST_SOCKET)) {
            host.end(compartment);
            connect("127.0.0.1", port).close();
            assertThat(back.inode()).isPresent();
        }
        assertRefused("127.0.0.1", port);
    }

    @Test
    void aKeeperPassesItsSocketsOnToTheNextOne() throws IOException {
        int port = freePort();
        Compartment compartment;
        try (ListenSocket one = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket two = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket three = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket socket = ListenSocket.tcp(Optional.empty(), port)) {
            compartment = host.open(folder, List.of(one, two, three, socket));
        }
        Pidfd program = compartment.start("exec sleep 1000");
        Path other = Files.createDirectory(folder.resolve("it's another"));
        Fifo.create(other.resolve("log"), 0600);
        Keeper next = compartment.keeper.startNext(
                other, other.resolve("log"), other.resolve("log"), other.resolve("lock"), compartment.cgroup.joins());
        try {
            int fork = compartment.answer(Keeper.Answer.Forked.class).pid();
            compartment.keeper.reap(fork);
            assertThat(compartment.answer(Keeper.Answer.Reaped.class).pid()).isEqualTo(fork);
            assertThat(Proc.HOST.children(compartment.keeper.pid())).containsExactly(program.pid());
            assertThat(FileLock.tryTake(other.resolve("lock"))).isEmpty();
            assertThat(descriptors(next.pid()).keySet()).containsAll(Set.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
            program.signal(Signals.KILL);
            compartment.exit(program);
            compartment.keeper.process().signal(Signals.KILL);

            next.startProgram(server(6, "a", "b", "c", "d"), Map.of());
            try (Socket connection = connect("127.0.0.1", port)) {
                String[] answer = read(connection).split(" ");
                assertThat(answer[0]).isEqualTo(answer[1]);
                assertThat(descriptors(Integer.parseInt(answer[0])).keySet()).isEqualTo(Set.of(0, 1, 2, 3, 4, 5, 6, 9));
                // Perl itself ignores SIGFPE, 0x80.
                assertThat(Files.readString(Path.of("/proc/" + answer[0] + "/status")))
                        .contains("SigIgn:\t0000000000000080");
                assertThat(Files.readString(Path.of("/proc/" + answer[0] + "/oom_score_adj")))
                        .isEqualTo(Files.readString(Path.of("/proc/self/oom_score_adj")));
            }
        } finally {
            next.process().signal(Signals.KILL);
            next.close();
        }
    }

    @Test
    void aDescriptorThatIsNotThereCannotBeTaken() throws IOException {
        Compartment compartment = host.open(folder, List.of());
        assertThatThrownBy(() -> ListenSocket.takenFrom(compartment.keeper.process(), Keeper.FIRST_SOCKET))
                .isInstanceOfSatisfying(
                        ErrnoException.class, error -> assertThat(error.errno()).isEqualTo(Errno.EBADF));
    }

    @Test
    void exactlyTheSocketsAreOpenBesideTheOthers() throws IOException {
        Compartment compartment;
        try (ListenSocket one = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket two = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket three = ListenSocket.tcp(Optional.empty(), freePort());
                ListenSocket four =
                        SocketFile.listen(folder.resolve("s"), 0600, OptionalInt.empty(), OptionalInt.empty())) {
            compartment = host.open(folder, List.of(one, two, three, four));
        }
        SpawnFile sleep = Compartment.program(folder, Path.of("/usr/bin/sleep"), List.of("1000"), Map.of())
                .withSockets(List.of("a", "b", "c", "d"));
        Pidfd program = compartment.start(sleep);
        awaitProgram(program.pid());
        Map<Integer, String> started = descriptors(program.pid());
        assertThat(started.keySet()).isEqualTo(Set.of(0, 1, 2, 3, 4, 5, 6, 9));
        for (int fd = 3; fd <= 6; fd++) {
            assertThat(started.get(fd)).startsWith("socket:");
        }

        compartment.keeper.prepareSpare(sleep);
        int spare = compartment.answer(Keeper.Answer.Spare.class).pid();
        await().until(() -> Keeper.isSpare(Proc.HOST, spare));
        compartment.keeper.become(spare, Map.of("BULKHEAD_RUN", "r-2"));
        awaitProgram(spare);
        assertThat(descriptors(spare)).isEqualTo(started);
    }

    private static void awaitProgram(int pid) {
        await().until(() ->
                Proc.HOST.executable(pid).filter(file -> file.endsWith("sleep")).isPresent());
    }

    private static Map<Integer, String> descriptors(int pid) throws IOException {
        Map<Integer, String> open = new TreeMap<>();
        try (var entries = Files.newDirectoryStream(Path.of("/proc/" + pid + "/fd"))) {
            for (Path entry : entries) {
                open.put(
                        Integer.parseInt(entry.getFileName().toString()),
                        Files.readSymbolicLink(entry).toString());
            }
        }
        return open;
    }

    @Test
    void aSocketFileHasItsModeAndOwnerAndItsFolderIsMade() throws IOException {
        Path path = folder.resolve("a/b/api.sock");
        boolean root = Users.effectiveUser() == 0;
        OptionalInt nobody = root ? OptionalInt.of(65534) : OptionalInt.empty();
        try (ListenSocket socket = SocketFile.listen(path, 0660, nobody, nobody)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                    .isEqualTo("rw-rw----");
            if (root) {
                assertThat(Files.getAttribute(path, "unix:uid")).isEqualTo(65534);
                assertThat(Files.getAttribute(path, "unix:gid")).isEqualTo(65534);
            }
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            assertThat(socket.fd()).isPositive();
        }
    }

    @Test
    void aSocketFileThatNobodyServesIsReplacedAndALivingOneIsNot() throws IOException {
        Path path = folder.resolve("s");
        SocketFile.listen(path, 0600, OptionalInt.empty(), OptionalInt.empty()).close();
        assertThat(path).exists();
        try (ListenSocket second = SocketFile.listen(path, 0600, OptionalInt.empty(), OptionalInt.empty())) {
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            assertRefusedFile(path, Errno.EADDRINUSE);
            assertThat(second.fd()).isPositive();
        }
        Files.delete(path);
        try (ServerSocketChannel stranger = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stranger.bind(UnixDomainSocketAddress.of(path));
            assertRefusedFile(path, Errno.EADDRINUSE);
        }
        Files.delete(path);
        Files.writeString(path, "precious");
        assertRefusedFile(path, Errno.EEXIST);
        assertThat(path).hasContent("precious");
    }

    private static void assertRefusedFile(Path path, int errno) {
        assertThatThrownBy(() -> SocketFile.listen(path, 0600, OptionalInt.empty(), OptionalInt.empty()))
                .isInstanceOfSatisfying(
                        ErrnoException.class, error -> assertThat(error.errno()).isEqualTo(errno));
    }

    @Test
    void aRemovedFileIsPutBackWithItsSocket() throws IOException {
        Path path = folder.resolve("s".repeat(100 - folder.toString().length()));
        try (ListenSocket socket = SocketFile.listen(path, 0666, OptionalInt.empty(), OptionalInt.empty())) {
            Files.delete(path);
            assertThat(SocketFile.mend(path)).isTrue();
            SocketChannel.open(UnixDomainSocketAddress.of(path)).close();
            assertRefusedFile(path, Errno.EADDRINUSE);
            assertThat(socket.fd()).isPositive();
        }
        SocketFile.makeWay(path);
        try (var left = Files.newDirectoryStream(folder)) {
            assertThat(left).isEmpty();
        }
        assertThat(SocketFile.mend(path)).isFalse();
    }

    @Test
    void aLinkInPlaceOfASocketIsNotFollowed() throws IOException {
        Path path = folder.resolve("s");
        Path target = Files.writeString(folder.resolve("target"), "precious");
        Files.createSymbolicLink(path, target);
        assertRefusedFile(path, Errno.EEXIST);
        assertThat(target).hasContent("precious");
    }

    @Test
    void portsAreSeenAsTakenWhoeverTakesThem() throws IOException {
        assumeTrue(Files.exists(Path.of("/proc/net/tcp6")), "needs IPv6");
        try (ServerSocketChannel stranger = ServerSocketChannel.open()) {
            stranger.bind(new InetSocketAddress("127.0.0.1", 0));
            int port = ((InetSocketAddress) stranger.getLocalAddress()).getPort();
            assertThatThrownBy(() -> ListenSocket.tcp(Optional.empty(), port))
                    .isInstanceOfSatisfying(
                            ErrnoException.class,
                            error -> assertThat(error.errno()).isEqualTo(Errno.EADDRINUSE));
            ListenSocket.tcp(Optional.of(InetAddress.getByName("::1")), port).close();
        }
    }
}
