package io.bulkhead.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real MariaDB of the test's own: a free port of the loopback, data in a temporary folder, 10 connections. */
public final class MariadbServer implements AutoCloseable {

    public static final String PASSWORD = "s3cr3t-of-the-test";

    public final int port = RedisServer.freePort();
    private final Path folder = Files.createTempDirectory("mariadb-");
    private final Process process;

    /** {@code boss} may do everything; {@code shop} is an ordinary user; both have {@link #PASSWORD}. */
    public MariadbServer() throws Exception {
        if (!Files.isExecutable(Path.of("/usr/sbin/mariadbd"))) {
            Assumptions.abort("MariaDB is missing: apt install mariadb-server");
        }
        Files.writeString(
                folder.resolve("init.sql"),
                "create user 'boss'@'%' identified by '" + PASSWORD
                        + "';\ngrant all on *.* to 'boss'@'%' with grant option;\n"
                        + "create user 'shop'@'%' identified by '" + PASSWORD + "';\ncreate database shop;\n"
                        + "grant all on shop.* to 'shop'@'%';\n");
        PostgresServer.output(
                new ProcessBuilder("chown", "-R", "mysql:mysql", folder.toString()).redirectErrorStream(true));
        PostgresServer.output(new ProcessBuilder(
                        "mariadb-install-db",
                        "--no-defaults",
                        "--user=mysql",
                        "--skip-test-db",
                        "--auth-root-authentication-method=normal",
                        "--datadir=" + folder + "/data")
                .redirectErrorStream(true));
        process = new ProcessBuilder(List.of(
                        "/usr/sbin/mariadbd",
                        "--no-defaults",
                        "--user=mysql",
                        "--datadir=" + folder + "/data",
                        "--socket=" + folder + "/socket",
                        "--pid-file=" + folder + "/pid",
                        "--port=" + port,
                        "--bind-address=127.0.0.1",
                        "--max-connections=10",
                        "--innodb-buffer-pool-size=16M",
                        "--innodb-flush-log-at-trx-commit=0",
                        "--skip-name-resolve",
                        "--init-file=" + folder + "/init.sql"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("log").toFile())
                .start();
        await("MariaDB answers")
                .atMost(Duration.ofSeconds(40))
                .ignoreExceptions()
                .until(() -> {
                    sql("select 1");
                    return true;
                });
    }

    public String url(String user) {
        return "mysql://" + user + ":" + PASSWORD + "@127.0.0.1:" + port + "/shop";
    }

    /** Its unix socket. */
    public Path socket() {
        return folder.resolve("socket");
    }

    /** As {@code boss}. */
    public String sql(String statement) throws Exception {
        return PostgresServer.output(new ProcessBuilder(
                        "mariadb",
                        "--no-defaults",
                        "-BN",
                        "-h127.0.0.1",
                        "-P" + port,
                        "-uboss",
                        "-p" + PASSWORD,
                        "-e",
                        statement)
                .redirectErrorStream(true));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly();
        process.waitFor(10, TimeUnit.SECONDS);
        PostgresServer.delete(folder);
    }
}
