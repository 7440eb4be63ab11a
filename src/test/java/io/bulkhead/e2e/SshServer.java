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

    /** As {@code via:} has it. */
    String via() {
        return System.getProperty("user.name") + "@127.0.0.1:" + port;
    }

    /** The private key that is let in. */
    Path key() {
        return folder.resolve("user");
    }

    /** Type and key, without comment. */
    String hostKey() throws IOException {
        String[] words = Files.readString(folder.resolve("host.pub")).strip().split(" ");
        return words[0] + " " + words[1];
    }

    /** The daemon of {@code home} knows its host key, as after {@code bulkhead tunnel trust}. */
    void trusted(Path home) throws IOException {
        Path known = home.resolve("state/tunnels/known_hosts");
        Files.createDirectories(known.getParent());
        Files.writeString(known, "[127.0.0.1]:" + port + " " + hostKey() + "\n");
    }

    /** Lets in whoever has the key of this line of authorized_keys, and nobody else. */
    void authorizeOnly(String line) throws IOException {
        Files.writeString(folder.resolve("authorized"), line);
    }

    /** Its processes that serve connections now. */
    List<Long> sessions() {
        return process.descendants().map(ProcessHandle::pid).toList();
    }

    /** What comes of a command that somebody with this key tries to run. */
    String runs(Path key, String command) throws Exception {
        Process ssh = new ProcessBuilder(
                        "ssh",
                        "-F",
                        "none",
                        "-i",
                        key.toString(),
                        "-o",
                        "BatchMode=yes",
                        "-o",
                        "StrictHostKeyChecking=no",
                        "-o",
                        "UserKnownHostsFile=/dev/null",
                        "-p",
                        Integer.toString(port),
                        System.getProperty("user.name") + "@127.0.0.1",
                        command)
                .redirectErrorStream(true)
                .start();
        ssh.getOutputStream().close();
        return new String(ssh.getInputStream().readAllBytes());
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
        private final Path output;

        private Terminal(Path output) throws IOException {
            this.output = output;
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

        /** What has been shown so far. */
        String screen() throws IOException {
            return Files.readString(output);
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
