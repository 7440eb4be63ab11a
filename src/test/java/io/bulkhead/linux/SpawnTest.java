package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpawnTest {

    private static final Path SH = Path.of("/bin/sh");

    @TempDir
    Path folder;

    /** Sockets, files, an epoll and an eventfd of the JVM: none may be seen by a child or its child. */
    @Test
    void noDescriptorOfTheJvmReachesAChildOrItsChild() throws IOException {
        Path out = folder.resolve("out");
        Files.createFile(out);
        try (ServerSocket socket = new ServerSocket(0);
                InputStream file = Files.newInputStream(Files.createFile(folder.resolve("file")));
                Epoll epoll = new Epoll();
                FileLock lock = FileLock.tryTake(folder.resolve("lock")).orElseThrow()) {
            assertThat(socket.isBound()).isTrue();
            assertThat(file.read()).isEqualTo(-1);
            epoll.wake();
            assertThat(Fd.openNumbers()).hasSizeGreaterThan(8);
            String list =
                    "for fd in /proc/$$/fd/*; do readlink $fd; done; sh -c 'for fd in /proc/$$/fd/*; do readlink $fd; done'";

            int pid = new Spawn(SH, List.of("sh", "-c", list), Map.of("PATH", "/usr/bin:/bin"))
                    .open(0, Path.of("/dev/null"), Spawn.READ_ONLY)
                    .open(1, out, Spawn.READ_WRITE)
                    .open(2, out, Spawn.READ_WRITE)
                    .copy(lock.fd(), 9)
                    .start();
            assertThat(end(pid)).isEqualTo(ExitStatus.code(0));

            String lockFile = folder.resolve("lock").toString();
            assertThat(Files.readAllLines(out))
                    .containsExactly(
                            "/dev/null",
                            out.toString(),
                            out.toString(),
                            lockFile,
                            "/dev/null",
                            out.toString(),
                            out.toString(),
                            lockFile);
        }
    }

    @Test
    void theEnvironmentIsExactlyWhatIsGiven() throws IOException {
        Path out = Files.createFile(folder.resolve("out"));
        int pid = new Spawn(Path.of("/usr/bin/env"), List.of("env"), Map.of("my.var", "a b\n$x", "Ü", "ß"))
                .open(1, out, Spawn.READ_WRITE)
                .start();
        assertThat(end(pid)).isEqualTo(ExitStatus.code(0));
        assertThat(Files.readString(out).lines()).containsExactlyInAnyOrder("my.var=a b", "$x", "Ü=ß");
    }

    @Test
    void everySignalIsAtItsDefaultAndNoneBlocked() throws IOException {
        Path out = Files.createFile(folder.resolve("out"));
        int pid = new Spawn(
                        Path.of("/usr/bin/grep"), List.of("grep", "-E", "SigBlk|SigIgn", "/proc/self/status"), Map.of())
                .open(1, out, Spawn.READ_WRITE)
                .start();
        assertThat(end(pid)).isEqualTo(ExitStatus.code(0));
        assertThat(Files.readAllLines(out)).containsExactly("SigBlk:\t0000000000000000", "SigIgn:\t0000000000000000");
    }

    @Test
    void aProgramThatIsNotThereIsAnErrorWithItsName() {
        assertThatThrownBy(() -> new Spawn(folder.resolve("none"), List.of("none"), Map.of()).start())
                .isInstanceOf(ErrnoException.class)
                .hasMessage("posix_spawn " + folder.resolve("none") + ": No such file or directory");
    }

    private static ExitStatus end(int pid) throws IOException {
        try (Pidfd process = Pidfd.open(pid)) {
            await().until(process::ended);
            return process.reap().orElseThrow();
        }
    }
}
