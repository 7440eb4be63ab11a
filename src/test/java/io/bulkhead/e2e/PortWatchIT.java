package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.bulkhead.json.Json;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The continuous watch over the ports that apps and externals need, with real listeners that come, go and are somebody else's. */
class PortWatchIT {

    /** Listens, lets go of its socket on SIGUSR1 and takes it again on SIGUSR2, and lives on all the while. */
    private static final String SERVER = """
            import signal, socket, sys
            at = ("127.0.0.1", %d)
            s = None
            def off(*_):
                global s
                s.close()
            def on(*_):
                global s
                s = socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(at); s.listen()
            signal.signal(signal.SIGUSR1, off); signal.signal(signal.SIGUSR2, on)
            on()
            while True: signal.pause()
            """;

    private static List<Map<String, Object>> told(Sandbox sandbox, String address) throws Exception {
        List<Map<String, Object>> told = new ArrayList<>();
        for (String line :
                sandbox.run("events", "--json", "-n", "1000").ok().out().split("\n")) {
            if (!line.isEmpty()
                    && Json.read(line) instanceof Map<?, ?> event
                    && String.valueOf(event.get("type")).startsWith("port.")
                    && address.equals(event.get("address"))) {
                @SuppressWarnings("unchecked")
                Map<String, Object> one = (Map<String, Object>) event;
                told.add(one);
            }
        }
        return told;
    }

    private static List<Object> types(Sandbox sandbox, String address) throws Exception {
        return told(sandbox, address).stream().map(event -> event.get("type")).toList();
    }

    @Test
    void lostTakenAndBackAreToldOnceEach() throws Exception {
        int mine = SshServer.quietPort();
        int shared = SshServer.quietPort();
        String api = "127.0.0.1:" + mine;
        String db = "127.0.0.1:" + shared;
        try (Sandbox sandbox = new Sandbox();
                ServerSocket database = new ServerSocket(shared, 5, InetAddress.ofLiteral("127.0.0.1"))) {
            assertThat(database.isBound()).isTrue();
            sandbox.write("serve.py", SERVER.formatted(mine));
            sandbox.up("""
                    externals:
                      db: {address: "%s"}
                    apps:
                      api:
                        command: [python3, serve.py]
                        listen: {address: "%s", handover: false}
                        depends_on: [db]
                    """.formatted(db, api));
            assertThat(sandbox.state("api")).isEqualTo("up");
            sandbox.run("signal", "USR1", "api").ok();
            // Where the watch had not seen it listen yet, it has half a minute to begin.
            await("it is lost")
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> types(sandbox, api).equals(List.of("port.lost")));
            assertThat(told(sandbox, api).getFirst().get("message"))
                    .isEqualTo("nobody listens on " + api + ", although api is ready");
            assertThat(told(sandbox, api).getFirst()).containsEntry("app", "api");

            Process thief = new ProcessBuilder(
                            "python3",
                            "-c",
                            "import socket,time; s=socket.socket(); s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);"
                                    + " s.bind(('127.0.0.1'," + mine + ")); s.listen(); time.sleep(100)")
                    .start();
            try {
                eventually("it is taken", () -> types(sandbox, api).equals(List.of("port.lost", "port.taken")));
                assertThat(told(sandbox, api).get(1))
                        .containsEntry("pid", thief.pid())
                        .containsEntry("holds", api);
                assertThat(told(sandbox, api).get(1).get("message").toString())
                        .contains("is held by python3")
                        .endsWith("Stop it: kill " + thief.pid());
            } finally {
                thief.destroyForcibly().waitFor();
            }
            sandbox.run("signal", "USR2", "api").ok();
            eventually(
                    "it is back",
                    () -> types(sandbox, api).equals(List.of("port.lost", "port.taken", "port.lost", "port.back"))
                            || types(sandbox, api).equals(List.of("port.lost", "port.taken", "port.back")));

            assertThat(types(sandbox, db)).isEmpty();
            if (InetAddress.getAllByName("localhost").length > 1) {
                try (ServerSocket other = new ServerSocket(shared, 5, InetAddress.ofLiteral("::1"))) {
                    assertThat(other.isBound()).isTrue();
                    // One program has both: nothing is wrong with that.
                }
                Process six = new ProcessBuilder(
                                "python3",
                                "-c",
                                "import socket,time; s=socket.socket(socket.AF_INET6); s.bind(('::1'," + shared
                                        + ")); s.listen(); time.sleep(100)")
                        .start();
                try {
                    eventually("v6 is another's", () -> types(sandbox, db).equals(List.of("port.taken")));
                    assertThat(told(sandbox, db).getFirst())
                            .containsEntry("external", "db")
                            .containsEntry("holds", "[::1]:" + shared)
                            .containsEntry("localhost", "[::1]:" + shared);
                    assertThat(told(sandbox, db).getFirst().get("message").toString())
                            .contains("localhost:" + shared + " leads to [::1]:" + shared);
                } finally {
                    six.destroyForcibly().waitFor();
                }
                eventually("only v4 is left", () -> types(sandbox, db).equals(List.of("port.taken", "port.back")));
            }

            List<Object> before = types(sandbox, api);
            for (int i = 0; i < 3; i++) {
                sandbox.run("restart", "api").ok();
            }
            sandbox.run("stop", "api").ok();
            assertThat(types(sandbox, api))
                    .as("what we do ourselves is no news of ports")
                    .isEqualTo(before);
        }
    }
}
