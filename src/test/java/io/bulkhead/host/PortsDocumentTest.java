package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Resolver;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Listen.Handover;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PortsDocumentTest {

    private static final InetAddress V4 = InetAddress.ofLiteral("127.0.0.1");
    private static final InetAddress V6 = InetAddress.ofLiteral("::1");

    private static Map<String, @Nullable Object> row(
            List<Map<String, @Nullable Object>> rows, String address, int port) {
        for (Map<String, @Nullable Object> row : rows) {
            if (address.equals(row.get("address")) && Integer.valueOf(port).equals(row.get("port"))) {
                return row;
            }
        }
        return Map.of();
    }

    /** A database has 127.0.0.1, somebody else grabs [::1] of the same port, and localhost means that one. */
    @Test
    void whereLocalhostLeadsWhenTheFamiliesDiffer() throws Exception {
        try (ServerSocket database = new ServerSocket(0, 5, V4)) {
            int port = database.getLocalPort();
            Process other = new ProcessBuilder(
                            "python3",
                            "-c",
                            "import socket, time; s = socket.socket(socket.AF_INET6); s.bind(('::1', " + port
                                    + ")); s.listen(); time.sleep(60)")
                    .start();
            try {
                await().until(() -> Listeners.find(port).size() == 2);
                Map<String, External> externals = Map.of(
                        "db",
                        new External("db", new Listen("localhost", port, "", Handover.AUTO), Optional.of("java")));
                var rows = new PortsDocument(List.of(), externals, Belonging.none(), List.of(V6, V4)).rows();
                assertThat(row(rows, "127.0.0.1", port).get("reason").toString())
                        .contains("localhost:" + port + " leads to [::1]:" + port + " (python3")
                        .contains("not here: write 127.0.0.1");
                assertThat(row(rows, "::1", port).get("reason").toString())
                        .contains("localhost:" + port + " leads here, not to 127.0.0.1:" + port + " (java, pid ");
                rows = new PortsDocument(List.of(), externals, Belonging.none(), List.of(V4)).rows();
                assertThat(row(rows, "127.0.0.1", port))
                        .containsEntry("reason", "")
                        .containsEntry("state", "ok");
            } finally {
                other.destroyForcibly().waitFor();
            }
        }
    }

    @Test
    void localhostMeansALoopback() {
        assertThat(Resolver.localhost()).isNotEmpty().allMatch(InetAddress::isLoopbackAddress);
    }

    @Test
    void commandLinesShowNoSecrets() {
        assertThat(CommandText.of(List.of("mysql", "--password=x1", "--token", "x2", "DB_PASS=x3", "pg://me:x4@h/db")))
                .isEqualTo("mysql --password=******** --token ******** DB_PASS=******** pg://me:********@h/db");
        assertThat(CommandText.of(List.of("x".repeat(500)))).hasSize(121);
    }
}
