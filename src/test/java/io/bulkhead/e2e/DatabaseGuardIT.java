package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Too many connections are refused before they are made, and another database than the one before is noticed; with real servers. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class DatabaseGuardIT {

    private static NodePackages packages;

    private Sandbox box;

    @BeforeAll
    static void packages() throws Exception {
        packages = NodePackages.installed();
    }

    @BeforeEach
    void open() throws Exception {
        box = new Sandbox();
        packages.into(box.home);
    }

    @AfterEach
    void close() throws Exception {
        box.close();
    }

    private static String pool(String name, PostgresServer server) {
        return "  " + name + ":\n    command: node pg-pool.cjs\n    working_dir: .\n    connections: {postgres: 10}\n"
                + "    restart: never\n    environment: {KEEP: \"1\", DATABASE_URL: \"" + server.url("shop") + "\"}\n";
    }

    @Test
    void twoPoolsOfTenDoNotFitIntoTwentySlots() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            String head = "externals:\n  postgres: {address: 127.0.0.1:" + server.port + ", url: \""
                    + server.url("postgres") + "\"}\napps:\n" + pool("api", server);
            box.up(head);
            await("the first pool stands")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> box.run("logs", "api").out().contains("holds 10"));
            await("the watch has counted them")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(box.instance("api", 0).get("connections"))
                            .isEqualTo(10L));
            box.write("bulkhead.yaml", head + pool("worker", server));

            Sandbox.Result refused = box.run("apply").exits(5);

            assertThat(refused.all())
                    .contains("api 10 + worker 10 = 20 connections, and postgres has 17 for them: 20 − 3 reserved")
                    .contains("--skip connection-budget")
                    .doesNotContain(PostgresServer.PASSWORD);
            assertThat(box.run("status", "--json").ok().out()).doesNotContain("worker");

            // Whether it has failed before apply answers is a matter of milliseconds.
            assertThat(box.run("apply", "--skip", "connection-budget").exit()).isLessThan(2);
            await("the server refuses what does not fit")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> box.run("logs", "worker").out().contains("53300"));
            await("why names the owner of the others")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> {
                        String why = box.run("why", "worker").out();
                        assertThat(why)
                                .contains("10 by api/0 (pid "
                                        + box.instance("api", 0).get("pid") + ")");
                        assertThat(why).contains("a database has no connection left");
                    });
            assertThat(box.run("connections").ok().out())
                    .contains("api/0")
                    .contains("planned: api 10 + worker 10 = 20 connections");
            assertThat(box.run("events").ok().out()).contains("connection-budget");
        }
    }

    @Test
    void anotherDatabaseThanYesterdayIsRefusedUntilItIsAccepted() throws Exception {
        int port;
        try (PostgresServer first = new PostgresServer()) {
            port = first.port;
            box.up("externals:\n  postgres: {address: 127.0.0.1:" + port + ", url: \"" + first.url("postgres")
                    + "\"}\napps:\n  api: {command: sleep 1000, depends_on: [postgres]}\n");
            await("it is remembered")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> Files.exists(box.home.resolve("state/externals/postgres")));
            box.run("reload", "api").ok();
        }
        try (PostgresServer second = new PostgresServer(port)) {
            assertThat(second.port).isEqualTo(port);
            await("it is noticed")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> box.run("events", "--json").out().contains("external.changed"));

            Sandbox.Result refused = box.run("reload", "api").exits(5);

            assertThat(refused.all())
                    .contains("postgres is another database than the one seen last")
                    .contains("system_identifier")
                    .contains("--skip external-identity");
            box.run("reload", "api", "--skip", "external-identity").ok();
            await("the new one is remembered")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> box.run("reload", "api").exit() == 0);
        }
    }

    @Test
    @SuppressWarnings("unchecked")
    void mariadbAndRedisTellTheirClients() throws Exception {
        try (MariadbServer maria = new MariadbServer();
                RedisServer redis = new RedisServer()) {
            box.up("externals:\n  db: {address: 127.0.0.1:" + maria.port + ", url: \"" + maria.url("boss")
                    + "\"}\n  cache: {address: 127.0.0.1:" + redis.port + ", url: \"redis://127.0.0.1:" + redis.port
                    + "\"}\napps:\n  api:\n    command: node mysql-redis.cjs\n    working_dir: .\n    environment: {DATABASE_URL: \""
                    + maria.url("shop") + "\", REDIS_URL: \"redis://127.0.0.1:" + redis.port + "\"}\n");
            await("a forgotten transaction is flagged, and Redis' client is not")
                    .atMost(Duration.ofSeconds(40))
                    .untilAsserted(() -> {
                        List<Map<String, Object>> rows = (List<Map<String, Object>>)
                                box.run("connections", "--json").ok().json().get("connections");
                        assertThat(rows)
                                .filteredOn(row -> row.get("service").equals("db"))
                                .filteredOn(row -> Boolean.TRUE.equals(row.get("leaked")))
                                .singleElement()
                                .satisfies(row -> assertThat(row)
                                        .containsEntry("state", "idle in transaction")
                                        .containsEntry("app", "api")
                                        .containsEntry("count", 1L)
                                        .containsEntry("user", "shop")
                                        .containsEntry(
                                                "pid", box.instance("api", 0).get("pid")));
                        assertThat(rows)
                                .filteredOn(row -> row.get("service").equals("db"))
                                .extracting(row -> (long) row.get("count"))
                                .satisfies(counts -> assertThat(counts.stream()
                                                .mapToLong(Long::longValue)
                                                .sum())
                                        .isEqualTo(3));
                        assertThat(rows)
                                .filteredOn(row -> row.get("service").equals("cache"))
                                .singleElement()
                                .satisfies(row -> assertThat(row)
                                        .containsEntry("app", "api")
                                        .containsEntry("leaked", false));
                    });
            assertThat(box.run("connections").ok().out()).contains("MariaDB 1").contains("Redis ");
        }
    }
}
