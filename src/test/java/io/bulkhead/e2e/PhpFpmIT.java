package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The real PHP-FPM, which takes sockets in its own way. */
class PhpFpmIT {

    private static final String PAGE = "<?php echo 'pid=', getmypid();";

    private static Optional<Path> program() throws IOException {
        try (Stream<Path> programs = Files.list(Path.of("/usr/sbin"))) {
            return programs.filter(file -> file.getFileName().toString().startsWith("php-fpm"))
                    .findFirst();
        }
    }

    @Test
    void servesInheritedPortsAndFilesAcrossCrashAndRestart() throws Exception {
        Optional<Path> php = program();
        assumeTrue(php.isPresent(), "needs PHP-FPM");
        int port;
        try (ServerSocket probe = new ServerSocket(0)) {
            port = probe.getLocalPort();
        }
        try (Sandbox sandbox = new Sandbox()) {
            Path file = sandbox.home.resolve("php.sock");
            Path page = sandbox.write("index.php", PAGE);
            // For the workers' user, where the master is root.
            Files.setPosixFilePermissions(sandbox.home, PosixFilePermissions.fromString("rwxr-xr-x"));
            sandbox.write("fpm.conf", configuration(port, file));
            sandbox.up("apps:\n  php:\n    command: " + php.get() + " -F -y fpm.conf\n    ready: 200ms\n"
                    + "    listen: [" + port + ", " + file + "]\n");
            SocketAddress tcp = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            SocketAddress unix = UnixDomainSocketAddress.of(file);

            assertThat(get(tcp, page)).contains("pid=");
            assertThat(get(unix, page)).contains("pid=");
            assertThat(sandbox.run("logs", "php").ok().out()).contains("using inherited socket fd=3", "fd=4");

            long master = sandbox.pid("php");
            Sandbox.kill(master, "KILL");
            // A worker of the killed master may still take a connection before it is ended: only what is inside a
            // process is lost.
            eventually("it is answered", () -> get(tcp, page).contains("pid="));
            eventually("it is replaced", () -> sandbox.pid("php") != master);
            // At a graceful end it removes the file of its socket.
            sandbox.run("restart", "php").ok();
            assertThat(get(unix, page)).contains("pid=");
            assertThat(get(tcp, page)).contains("pid=");
            sandbox.run("stop", "php").ok();
            eventually("the file is gone", () -> !Files.exists(file));
        }
    }

    private static String configuration(int port, Path file) {
        String user = System.getProperty("user.name").equals("root") ? "user = www-data\ngroup = www-data\n" : "";
        String pool = user + "pm = static\npm.max_children = 1\n";
        return "[global]\nerror_log = /dev/stderr\n[port]\n" + pool + "listen = " + port + "\n[file]\n" + pool
                + "listen = " + file + "\n";
    }

    /** What the page answers, by FastCGI 1.0: one request, one connection. */
    private static String get(SocketAddress server, Path page) throws IOException {
        try (SocketChannel channel = SocketChannel.open(server)) {
            OutputStream out = Channels.newOutputStream(channel);
            record(out, 1, new byte[] {0, 1, 0, 0, 0, 0, 0, 0}); // begin: a responder
            record(out, 4, parameters(Map.of("SCRIPT_FILENAME", page.toString(), "REQUEST_METHOD", "GET")));
            record(out, 4, new byte[0]);
            record(out, 5, new byte[0]);
            return answer(Channels.newInputStream(channel));
        }
    }

    private static void record(OutputStream out, int type, byte[] content) throws IOException {
        out.write(new byte[] {1, (byte) type, 0, 1, (byte) (content.length >> 8), (byte) content.length, 0, 0});
        out.write(content);
    }

    private static byte[] parameters(Map<String, String> parameters) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (Map.Entry<String, String> parameter : parameters.entrySet()) {
            bytes.write(parameter.getKey().length());
            bytes.write(parameter.getValue().length());
            bytes.write((parameter.getKey() + parameter.getValue()).getBytes(StandardCharsets.US_ASCII));
        }
        return bytes.toByteArray();
    }

    private static String answer(InputStream from) throws IOException {
        DataInputStream in = new DataInputStream(from);
        StringBuilder output = new StringBuilder();
        try {
            while (true) {
                in.readByte();
                int type = in.readByte();
                in.readShort();
                byte[] content = new byte[in.readUnsignedShort()];
                int padding = in.readUnsignedByte();
                in.readByte();
                in.readFully(content);
                in.skipNBytes(padding);
                if (type == 6 || type == 7) {
                    output.append(new String(content, StandardCharsets.UTF_8));
                }
            }
        } catch (EOFException end) {
            return output.toString();
        }
    }
}
