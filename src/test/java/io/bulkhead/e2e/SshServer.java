package io.bulkhead.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real sshd of the test's own on a free port of the loopback, with keys made for it, and a client configuration for it. */
final class SshServer implements AutoCloseable {

    final int port;
    private final Path folder;
    private final Process process;
    private final StringBuilder hosts = new StringBuilder();

    SshServer(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        Assumptions.assumeTrue(
                Files.isExecutable(Path.of("/usr/sbin/sshd")), "sshd is missing: apt install openssh-server");
        if (Files.isWritable(Path.of("/run"))) {
            Files.createDirectories(Path.of("/run/sshd"));
        }
        key("host");
        key("user");
        Files.copy(folder.resolve("user.pub"), folder.resolve("authorized"));
        port = quietPort();
        Path config = Files.writeString(folder.resolve("sshd_config"), """
                Port %d
                ListenAddress 127.0.0.1
                HostKey %s
                AuthorizedKeysFile %s
                StrictModes no
                UsePAM no
                PidFile none
                PermitRootLogin yes
                """.formatted(
                        port, folder.resolve("host"), folder.resolve("authorized")));
        process = new ProcessBuilder("/usr/sbin/sshd", "-D", "-e", "-f", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("sshd.log").toFile())
                .start();
        await("sshd answers").atMost(Duration.ofSeconds(20)).ignoreExceptions().until(this::answers);
    }

    /** A free port below the range that connections get theirs from: nobody takes it before the program that is to listen there. */
    static int quietPort() throws IOException {
        for (int i = 0; i < 100; i++) {
            int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another one.
            }
        }
        throw new IOException("no free port");
    }

    private void key(String name) throws Exception {
        Process made = new ProcessBuilder(
                        "ssh-keygen",
                        "-q",
                        "-t",
                        "ed25519",
                        "-N",
                        "",
                        "-f",
                        folder.resolve(name).toString())
                .inheritIO()
                .start();
        made.waitFor();
        Files.setPosixFilePermissions(folder.resolve(name), PosixFilePermissions.fromString("rw-------"));
    }

    private boolean answers() throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.getInputStream().read() == 'S';
        }
    }

    /**
     * Adds a tunnel to the client's configuration, so that its command line says nothing of it.
     *
     * @param forward as LocalForward takes it
     * @return the command line that opens it, for a shell: {@code ssh -F FILE -N NAME} without the program's name
     */
    String tunnel(String name, String forward) throws IOException {
        hosts.append("""
                Host %s
                  HostName 127.0.0.1
                  Port %d
                  User %s
                  IdentityFile %s
                  StrictHostKeyChecking no
                  UserKnownHostsFile /dev/null
                  BatchMode yes
                  LogLevel ERROR
                  LocalForward %s
                """.formatted(name, port, System.getProperty("user.name"), folder.resolve("user"), forward));
        Path config = Files.writeString(folder.resolve("ssh_config"), hosts);
        return "-F " + config + " -N " + name;
    }

    /** Starts a shell in a terminal of its own, which does what is typed. */
    Terminal terminal() throws IOException {
        Terminal terminal = new Terminal(folder.resolve("terminal-" + terminals.size()));
        terminals.add(terminal);
        return terminal;
    }

    private final List<Terminal> terminals = new ArrayList<>();

    /** A person at a terminal. */
    static final class Terminal {

        private final Process process;

        private Terminal(Path output) throws IOException {
            process = new ProcessBuilder("script", "-qfc", "bash --norc", "/dev/null")
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        }

        Terminal type(String text) throws IOException {
            process.outputWriter().write(text);
            process.outputWriter().flush();
            return this;
        }

        /** The window is closed: the terminal's other end goes away. */
        void close() {
            process.destroyForcibly();
        }
    }

    @Override
    public void close() throws Exception {
        terminals.forEach(Terminal::close);
        process.destroy();
        process.waitFor(10, TimeUnit.SECONDS);
        process.destroyForcibly();
    }
}
