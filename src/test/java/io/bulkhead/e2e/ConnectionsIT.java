package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who holds which connection to a real PostgreSQL with 20 slots. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ConnectionsIT {

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

    private static String external(PostgresServer server, String user) {
        return "externals:\n  postgres: {address: 127.0.0.1:" + server.port + ", url: \"" + server.url(user) + "\"}\n";
    }

    private static String app(String name, String program, PostgresServer server, String... more) {
        StringBuilder text = new StringBuilder("  " + name + ":\n    command: node " + program + "\n"
                + "    working_dir: .\n    environment: {DATABASE_URL: \"" + server.url("shop") + "\"");
        List<String> keys = new ArrayList<>();
        for (String one : more) {
            if (one.contains("=")) {
                text.append(", ").append(one.replace("=", ": \"")).append('"');
            } else {
                keys.add(one);
            }
        }
        text.append("}\n");
        keys.forEach(key -> text.append("    ").append(key).append('\n'));
        return text.toString();
    }

    @SuppressWarnings("unchecked")
    private List<Map<String, Object>> rows(String key) throws Exception {
        return (List<Map<String, Object>>)
                box.run("connections", "--json").ok().json().get(key);
    }

    @Test
    void theOwnersOfAFullServerAreListed() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            box.up(external(server, "postgres") + "apps:\n"
                    + app("api", "pg-pool.cjs", server, "KEEP=1", "SIZE=10")
                    + app("worker", "pg-pool.cjs", server, "KEEP=1", "SIZE=7"));
            await("all 17 slots are taken")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(rows("budget").getFirst().get("used")).isEqualTo(17L));

            await("each is told with its process")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> {
                        List<Map<String, Object>> rows = rows("connections");
                        for (Map.Entry<String, Long> wanted :
                                Map.of("api", 10L, "worker", 7L).entrySet()) {
                            long pid = (long) box.instance(wanted.getKey(), 0).get("pid");
                            assertThat(rows)
                                    .filteredOn(row -> wanted.getKey().equals(row.get("app")))
                                    .allSatisfy(row -> {
                                        assertThat(row)
                                                .containsEntry("pid", pid)
                                                .containsEntry("instance", 0L);
                                        assertThat(row)
                                                .containsEntry("user", "shop")
                                                .containsEntry("state", "idle");
                                        assertThat(row).containsEntry("generation", "current");
                                    })
                                    .extracting(row -> (long) row.get("count"))
                                    .satisfies(counts -> assertThat(counts.stream()
                                                    .mapToLong(Long::longValue)
                                                    .sum())
                                            .isEqualTo(wanted.getValue()));
                        }
                    });
            await("and shown")
                    .atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(box.run("connections").ok().out())
                            .contains("17 of 20 used, 3 reserved")
                            .contains("PostgreSQL 1")
                            .contains("api/0")
                            .contains("worker/0"));
            assertThat(box.run("show", "api").all() + box.run("connections").all())
                    .doesNotContain(PostgresServer.PASSWORD);
        }
    }

    @Test
    void aQueryRunnerThatIsNeverReleasedIsFlaggedWithItsPid() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            box.up(external(server, "postgres") + "apps:\n"
                    + app("api", "typeorm-leak.cjs", server, "connections: {postgres: 10}"));
            await("the leak stands")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> box.run("logs", "api").out().contains("never released"));

            await("it is flagged within 20 s")
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(rows("connections"))
                            .filteredOn(row -> Boolean.TRUE.equals(row.get("leaked")))
                            .singleElement()
                            .satisfies(row -> {
                                assertThat(row).containsEntry("app", "api").containsEntry("count", 1L);
                                assertThat(row)
                                        .containsEntry(
                                                "pid", box.instance("api", 0).get("pid"));
                            }));
            assertThat(box.run("connections").ok().out()).contains("leak?").contains("never released");
            await("and without being asked, as an event")
                    .atMost(Duration.ofSeconds(40))
                    .until(() -> box.run("events", "--json").out().contains("connections.leaked"));
        }
    }

    @Test
    void withoutCredentialsTheKernelsViewIsShownAndNamed() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            box.up("externals:\n  postgres: {address: 127.0.0.1:" + server.port + "}\napps:\n"
                    + app("api", "pg-pool.cjs", server, "KEEP=1", "SIZE=3"));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(rows("connections"))
                            .singleElement()
                            .satisfies(row -> assertThat(row)
                                    .containsEntry("app", "api")
                                    .containsEntry("count", 3L)
                                    .containsEntry("state", "connected")));
            assertThat(box.run("connections").ok().out())
                    .contains("the kernel's view alone: write externals.postgres.url");
        }
    }

    @Test
    void unixSocketsAreFoundToo() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            box.up(external(server, "postgres") + "apps:\n  api:\n    command: node pg-pool.cjs\n    working_dir: .\n"
                    + "    environment: {SIZE: \"3\", KEEP: \"1\", PGHOST: \"" + server.socketFolder()
                    + "\", PGPORT: \""
                    + server.port + "\", PGUSER: shop, PGDATABASE: shop, PGPASSWORD: \"" + PostgresServer.PASSWORD
                    + "\"}\n");
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() -> assertThat(rows("connections"))
                            .filteredOn(row -> "api".equals(row.get("app")))
                            .singleElement()
                            .satisfies(row -> assertThat(row)
                                    .containsEntry("count", 3L)
                                    .containsEntry("state", "idle")
                                    .containsEntry("user", "shop")));
        }
    }
}
