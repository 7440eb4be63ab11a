package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** By programs that send as sd_notify(3) says. */
class NotifySocketTest {

    @TempDir
    Path folder;

    private NotifySocket socket;
    private final List<NotifySocket.Message> heard = new ArrayList<>();

    @BeforeEach
    void open() throws IOException {
        socket = new NotifySocket(folder.resolve("notify"), Optional.empty());
    }

    @AfterEach
    void close() {
        socket.close();
    }

    /** Perl is in every Debian. */
    private Process send(String text) throws IOException {
        return new ProcessBuilder(
                        "perl",
                        "-MSocket",
                        "-e",
                        "socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; send(S, $ARGV[1], 0, sockaddr_un($ARGV[0])) or exit 1; <STDIN>",
                        socket.path().toString(),
                        text)
                .start();
    }

    private boolean hear() throws IOException {
        heard.addAll(socket.read(16));
        return !heard.isEmpty();
    }

    @Test
    void theSenderIsTheKernelsWord() throws Exception {
        Process program = send("READY=1\nSTATUS=all is well");
        await().until(this::hear);

        NotifySocket.Message message = heard.getFirst();
        assertThat(message.pid()).isEqualTo((int) program.pid());
        assertThat(message.uid()).isEqualTo(Users.effectiveUser());
        assertThat(message.value("READY")).contains("1");
        assertThat(message.value("STATUS")).contains("all is well");
        assertThat(message.value("ATUS")).isEmpty();
        assertThat(message.value("STOPPING")).isEmpty();
        program.destroy();
    }

    @Test
    void onlyItsOwnerMaySend() throws Exception {
        assertThat(Files.getPosixFilePermissions(socket.path())).hasSize(2);
        assumeTrue(Users.effectiveUser() == 0, "needs root to become somebody else");
        Files.setPosixFilePermissions(folder, java.nio.file.attribute.PosixFilePermissions.fromString("rwxr-xr-x"));
        Process stranger = new ProcessBuilder(
                        "setpriv",
                        "--reuid=65534",
                        "--clear-groups",
                        "perl",
                        "-MSocket",
                        "-e",
                        "socket(S, AF_UNIX, SOCK_DGRAM, 0) or die; exit(send(S, 'READY=1', 0, sockaddr_un($ARGV[0])) ? 0 : 7)",
                        socket.path().toString())
                .start();
        assertThat(stranger.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(stranger.exitValue()).isEqualTo(7);
        assertThat(socket.read(16)).isEmpty();
    }

    @Test
    void oneThatIsTooLongIsDropped() throws Exception {
        Process program = send("READY=1\nSTATUS=" + "x".repeat(5000));
        await().until(() -> Poll.readable(socket.fd()));
        assertThat(socket.read(16)).isEmpty();
        program.destroy();
    }

    @Test
    void whoWaitsForABarrierGoesOn() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-notify")), "systemd-notify is missing");
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/systemd-notify", "--ready", "--status=started");
        builder.environment().put("NOTIFY_SOCKET", socket.path().toString());
        Process program = builder.start();
        await().until(() -> {
            hear();
            return !program.isAlive();
        });
        assertThat(program.exitValue()).isZero();
        assertThat(heard.getFirst().value("READY")).contains("1");
    }

    /** What comes along is closed: else anybody could use up the daemon's descriptors. */
    @Test
    void descriptorsThatAreSentAlongAreClosed() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/systemd-notify")), "systemd-notify is missing");
        int before = Fd.openNumbers().size();
        whoWaitsForABarrierGoesOn();
        assertThat(Fd.openNumbers()).hasSizeLessThanOrEqualTo(before);
    }

    @Test
    void aNewOneTakesThePlaceOfTheOld() throws Exception {
        try (NotifySocket second = new NotifySocket(socket.path(), Optional.empty())) {
            Process program = send("READY=1");
            await().until(() -> Poll.readable(second.fd()));
            assertThat(second.read(1)).hasSize(1);
            program.destroy();
        }
    }

    @Test
    void aPathThatIsTooLongSaysSo() {
        assertThatThrownBy(() -> new NotifySocket(folder.resolve("x".repeat(120)), Optional.empty()))
                .hasMessageContaining("too long");
    }
}
