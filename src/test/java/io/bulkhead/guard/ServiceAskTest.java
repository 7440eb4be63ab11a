package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.e2e.MariadbServer;
import io.bulkhead.e2e.PostgresServer;
import io.bulkhead.e2e.RedisServer;
import io.bulkhead.spec.ServiceUrl;
import io.bulkhead.spec.ServiceUrl.Kind;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Real databases, and what only looks like one, asked who they are. */
class ServiceAskTest {

    private static ServiceUrl url(Kind kind, int port, String user, String password) {
        return new ServiceUrl(kind, "127.0.0.1", port, user, password, "", "", "");
    }

    /** A machine that is busy may take longer than a person would wait for an answer. */
    private static ServerView ask(String service, ServiceUrl url) throws Exception {
        return await().atMost(Duration.ofSeconds(40))
                .until(
                        () -> ServiceAsk.ask(service, url),
                        view -> !view.trouble().equals("silent"));
    }

    @Test
    void aPostgresTellsWhoItIsAndWhoIsConnected() throws Exception {
        try (PostgresServer server = new PostgresServer()) {
            ServiceUrl boss = url(Kind.POSTGRES, server.port, "postgres", PostgresServer.PASSWORD);

            ServerView view = ask("db", boss);

            assertThat(view.message()).isEmpty();
            assertThat(view.title()).startsWith("PostgreSQL 1");
            assertThat(view.identity()).matches("system_identifier \\d+");
            assertThat(view.max()).isEqualTo(20);
            assertThat(view.reserved()).isEqualTo(3);
            assertThat(ServerView.of(view.toMap())).isEqualTo(view);

            assertThat(ask("db", url(Kind.POSTGRES, server.port, "postgres", "wrong"))
                            .trouble())
                    .isEqualTo("password");
            ServiceUrl shop = url(Kind.POSTGRES, server.port, "shop", PostgresServer.PASSWORD);
            assertThat(ask("db", shop).notes().getFirst()).contains("GRANT pg_read_all_stats TO \"shop\"");
            ServiceUrl tls = new ServiceUrl(
                    Kind.POSTGRES, "127.0.0.1", server.port, "shop", PostgresServer.PASSWORD, "", "require", "");
            assertThat(ask("db", tls).trouble()).isEqualTo("tls");
            ServiceUrl nowhere = new ServiceUrl(
                    Kind.POSTGRES, "127.0.0.1", server.port, "shop", PostgresServer.PASSWORD, "nothing", "", "");
            assertThat(ask("db", nowhere).trouble()).isEqualTo("database");

            List<java.sql.Connection> all = new ArrayList<>();
            try {
                for (int i = 0; i < 17; i++) {
                    all.add(java.sql.DriverManager.getConnection(
                            "jdbc:postgresql://127.0.0.1:" + server.port + "/shop", "shop", PostgresServer.PASSWORD));
                }
                assertThat(ask("db", shop).trouble()).isEqualTo("full");
                assertThat(ask("db", boss).used()).isEqualTo(17);
            } finally {
                for (java.sql.Connection one : all) {
                    one.close();
                }
            }
        }
    }

    @Test
    void aMariadbTellsWhoItIsAndWhoIsConnected() throws Exception {
        try (MariadbServer server = new MariadbServer()) {
            ServiceUrl boss = url(Kind.MYSQL, server.port, "boss", MariadbServer.PASSWORD);

            ServerView view = ask("db", boss);

            assertThat(view.message()).isEmpty();
            assertThat(view.title()).startsWith("MariaDB 1");
            assertThat(view.identity()).contains("data /");
            assertThat(view.max()).isEqualTo(10);
            assertThat(view.notes()).isEmpty();
            assertThat(ask("db", url(Kind.MYSQL, server.port, "boss", "wrong")).trouble())
                    .isEqualTo("password");
            ServiceUrl shop = url(Kind.MYSQL, server.port, "shop", MariadbServer.PASSWORD);
            List<java.sql.Connection> all = new ArrayList<>();
            try {
                for (int i = 0; i < 10; i++) {
                    all.add(java.sql.DriverManager.getConnection(
                            "jdbc:mariadb://127.0.0.1:" + server.port + "/shop", "shop", MariadbServer.PASSWORD));
                }
                ServerView seen = ask("db", boss);
                assertThat(seen.used()).isEqualTo(10);
                assertThat(seen.sessions())
                        .hasSize(10)
                        .allMatch(one -> one.address().equals("127.0.0.1")
                                && one.port() > 0
                                && one.state().equals("idle"));
                assertThat(ask("db", shop).trouble()).isEqualTo("full");
            } finally {
                for (java.sql.Connection one : all) {
                    one.close();
                }
            }
        }
    }

    @Test
    void aRedisTellsWhoItIsAndWhoIsConnected() throws Exception {
        try (RedisServer server = new RedisServer();
                Socket client = new Socket("127.0.0.1", server.port)) {
            client.getOutputStream().write("BLPOP nothing 0\r\n".getBytes(StandardCharsets.US_ASCII));

            ServerView view = ask("cache", url(Kind.REDIS, server.port, "", ""));

            assertThat(view.message()).isEmpty();
            assertThat(view.title()).startsWith("Redis ");
            assertThat(view.run()).hasSize(40);
            assertThat(view.max()).isEqualTo(10_000);
            assertThat(view.used()).isEqualTo(1);
            assertThat(view.sessions()).singleElement().satisfies(one -> {
                assertThat(one.port()).isEqualTo(client.getLocalPort());
                assertThat(one.waits()).isTrue();
            });
            assertThat(ask("cache", url(Kind.REDIS, server.port, "", "wrong")).trouble())
                    .isEqualTo("password");
        }
    }

    @Test
    void whatDoesNotAnswerIsToldWithinItsTime() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            for (Kind kind : Kind.values()) {
                ServerView view = ServiceAsk.ask("db", url(kind, silent.getLocalPort(), "me", "secret"));
                assertThat(view.trouble()).as("%s: %s", kind, view.message()).isEqualTo("silent");
                assertThat(view.message())
                        .contains("accepts connections and does not answer")
                        .doesNotContain("secret");
            }
        }
    }

    @Test
    void whatSpeaksGarbageIsTold() throws Exception {
        try (ServerSocket garbage = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                while (true) {
                    try (Socket one = garbage.accept()) {
                        one.getOutputStream().write("SSH-2.0-OpenSSH_9.2p1\r\n".getBytes(StandardCharsets.US_ASCII));
                        one.getInputStream().read(new byte[64]);
                    } catch (java.io.IOException closed) {
                        if (garbage.isClosed()) {
                            return;
                        }
                    }
                }
            });
            for (Kind kind : Kind.values()) {
                ServerView view = ServiceAsk.ask("db", url(kind, garbage.getLocalPort(), "me", "secret"));
                // The first bytes of a MySQL are a length, and the driver waits for so many more.
                assertThat(view.trouble()).as("%s: %s", kind, view.message()).isIn("garbage", "silent");
                assertThat(view.message()).contains("does not").contains(kind.title());
            }
        }
    }

    @Test
    void whereNobodyListensIsTold() throws Exception {
        int port;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        for (Kind kind : Kind.values()) {
            ServerView view = ask("db", url(kind, port, "me", "secret"));
            assertThat(view.message()).as("%s", kind).isEqualTo("nobody listens on 127.0.0.1:" + port);
        }
    }
}
