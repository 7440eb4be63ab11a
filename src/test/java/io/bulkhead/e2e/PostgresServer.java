package io.bulkhead.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** A real PostgreSQL of the test's own: a free port of the loopback, data in a temporary folder, 20 slots of which 3 are reserved. */
public final class PostgresServer implements AutoCloseable {

    public static final String PASSWORD = "s3cr3t-of-the-test";

    public final int port;
    private final Path folder;
    private final Path bin;
    private final Process process;

    public PostgresServer() throws Exception {
        this(RedisServer.freePort());
    }

    /** The superuser is {@code postgres}; {@code shop} is an ordinary user with a database of its own; both have {@link #PASSWORD}. */
    public PostgresServer(int port) throws Exception {
        this.port = port;
        bin = bin();
        folder = Files.createTempDirectory("postgres-");
        Files.writeString(folder.resolve("password"), PASSWORD);
        asPostgres("chown", "-R", "postgres:postgres", folder.toString());
        run(
                "initdb",
                "--no-sync",
                "-U",
                "postgres",
                "-A",
                "scram-sha-256",
                "--pwfile",
                folder + "/password",
                "-D",
                folder + "/data");
        process = new ProcessBuilder(command(
                        bin.resolve("postgres").toString(),
                        "-D",
                        folder + "/data",
                        "-p",
                        Integer.toString(port),
                        "-c",
                        "listen_addresses=127.0.0.1",
                        "-c",
                        "unix_socket_directories=" + folder,
                        "-c",
                        "max_connections=20",
                        "-c",
                        "shared_buffers=16MB",
                        "-c",
                        "fsync=off"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        await("PostgreSQL answers")
                .atMost(Duration.ofSeconds(30))
                .ignoreExceptions()
                .until(() -> {
                    sql("postgres", "select 1");
                    return true;
                });
        sql("postgres", "create user shop password '" + PASSWORD + "'");
        sql("postgres", "create database shop owner shop");
    }

    private static Path bin() throws IOException {
        Path all = Path.of("/usr/lib/postgresql");
        if (Files.isDirectory(all)) {
            try (Stream<Path> versions = Files.list(all)) {
                var found = versions.map(version -> version.resolve("bin"))
                        .filter(bin -> Files.isExecutable(bin.resolve("initdb")))
                        .max(Comparator.naturalOrder());
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        return Assumptions.abort("PostgreSQL is missing: apt install postgresql");
    }

    /** The folder of its unix socket. */
    public Path socketFolder() {
        return folder;
    }

    public String url(String user) {
        return "postgres://" + user + ":" + PASSWORD + "@127.0.0.1:" + port + "/"
                + (user.equals("postgres") ? "postgres" : user);
    }

    /** As the superuser. */
    public String sql(String database, String statement) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(
                        bin.resolve("psql").toString(),
                        "-XqAt",
                        "-h",
                        "127.0.0.1",
                        "-p",
                        Integer.toString(port),
                        "-U",
                        "postgres",
                        "-d",
                        database,
                        "-c",
                        statement)
                .redirectErrorStream(true);
        builder.environment().put("PGPASSWORD", PASSWORD);
        return output(builder);
    }

    private void run(String program, String... arguments) throws Exception {
        List<String> words = new ArrayList<>(List.of(bin.resolve(program).toString()));
        words.addAll(List.of(arguments));
        output(new ProcessBuilder(command(words.toArray(String[]::new))).redirectErrorStream(true));
    }

    private static void asPostgres(String... command) throws Exception {
        output(new ProcessBuilder(command).redirectErrorStream(true));
    }

    /** It refuses to run as root. */
    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>();
        if (System.getProperty("user.name").equals("root")) {
            command.addAll(List.of("setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"));
        }
        command.addAll(List.of(words));
        return command;
    }

    static String output(ProcessBuilder builder) throws Exception {
        Process process = builder.directory(Path.of("/tmp").toFile()).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(builder.command() + ": " + said);
        }
        return said.strip();
    }

    /** Somebody who connects and is let in, nothing more. */
    public Socket connect() throws IOException {
        return new Socket("127.0.0.1", port);
    }

    /** Stops answering without closing anything. */
    public void freeze() throws Exception {
        signal("-STOP");
    }

    public void thaw() throws Exception {
        signal("-CONT");
    }

    private void signal(String signal) throws Exception {
        output(new ProcessBuilder("kill", signal, Long.toString(process.pid())).redirectErrorStream(true));
    }

    @Override
    public void close() throws Exception {
        // SIGQUIT: it ends at once with all its children.
        signal("-QUIT");
        process.waitFor(10, TimeUnit.SECONDS);
        process.destroyForcibly();
        delete(folder);
    }

    static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
