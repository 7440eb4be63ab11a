package io.bulkhead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RoutesTest {

    @TempDir
    Path folder;

    private final FakeControl control = new FakeControl();
    private Path socket;
    private HttpServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("b.sock");
        server = HttpServer.start(socket, new Routes(control), HttpLimits.DEFAULT);
        client = new Client(socket);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void statusIsTheDocumentOfTheSpec() throws IOException {
        Doc status = get("/v1/status");
        assertThat(status.docs("apps")).extracting(app -> app.text("name")).containsExactly("api", "worker");
        assertThat(get("/v1/status?app=api").docs("apps")).hasSize(1);
        assertThat(get("/v1/apps/worker").doc("settings").text("memory")).isEqualTo("128M");
    }

    @Test
    void aVerbGetsTargetAndOptions() throws IOException {
        post("/v1/apps/api/restart", Map.of("wait", false));
        post("/v1/apps/api/1/stop", Map.of());
        post("/v1/apps/all/signal", Map.of("signal", "USR2"));
        post("/v1/shutdown", Map.of("keep_apps", true));
        assertThat(control.asked)
                .containsExactly(
                        "restart api {\"wait\":false}",
                        "stop api/1 {}",
                        "signal all {\"signal\":\"USR2\"}",
                        "shutdown all {\"keepApps\":true}");
    }

    @Test
    void theOutcomeCarriesTheExitCode() throws IOException {
        assertThat(post("/v1/apps/api/start", Map.of()).number("exit_code", -1)).isZero();
        Doc unknown = post("/v1/apps/nix/start", Map.of());
        assertThat(unknown.number("exit_code", -1)).isEqualTo(4);
        assertThat(unknown.doc("error").text("code")).isEqualTo("no-such-app");
    }

    @Test
    void unknownPathsVerbsAndMethodsAreAnswered() throws IOException {
        assertThat(status("GET", "/")).isEqualTo(404);
        assertThat(status("GET", "/v2/status")).isEqualTo(404);
        assertThat(status("GET", "/v1/nothing")).isEqualTo(404);
        assertThat(status("GET", "/v1/apps/nix")).isEqualTo(404);
        assertThat(status("GET", "/v1/logs/nix")).isEqualTo(404);
        assertThat(status("GET", "/v1/apply")).isEqualTo(404);
        assertThat(status("POST", "/v1/apps/api/explode")).isEqualTo(404);
        assertThat(status("DELETE", "/v1/apps/api")).isEqualTo(405);
        assertThat(status("GET", "/v1/events?after=x")).isEqualTo(400);
        assertThat(status("GET", "/v1/incidents?limit=0")).isEqualTo(400);
    }

    @Test
    void aBodyThatIsNoObjectIsRefused() throws IOException {
        try (Wire wire = new Wire(socket)) {
            assertThat(wire.send(
                                    "POST /v1/apps/api/start HTTP/1.1\r\nConnection: close\r\nContent-Length: 6\r\n\r\n{\"a\":}")
                            .rest())
                    .startsWith("HTTP/1.1 400 ")
                    .contains("line 1, column 6");
        }
        assertThat(control.asked).isEmpty();
    }

    @Test
    void aPersonWhoGivesUpWaitingCostsNothing() throws IOException {
        control.states.put("never", "stopped");
        try (Wire wire = new Wire(socket)) {
            wire.send("POST /v1/apps/never/start HTTP/1.1\r\n\r\n");
            await().until(() -> !control.asked.isEmpty());
        }
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
    }

    @Test
    void logsFollowUntilTheClientLeaves() throws IOException {
        try (Reply reply = client.get("/v1/logs/api?follow=1")) {
            assertThat(line(reply)).isEqualTo("hello from api");
            control.coming.add("more");
            assertThat(line(reply)).isEqualTo("more");
            assertThat(control.followers).isEqualTo(1);
        }
        await().untilAsserted(() -> assertThat(control.followers).isZero());
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
    }

    @Test
    void incidentsAreFoundByTheirId() throws IOException {
        control.incidents.add(FakeControl.object("id", 7L, "app", "api", "cause", "oom-limit"));
        assertThat(get("/v1/incidents/7").text("cause")).isEqualTo("oom-limit");
        assertThat(status("GET", "/v1/incidents/8")).isEqualTo(404);
    }

    @Test
    void theOwnerIsKnownByThePeerCredentials() throws IOException {
        assertThat(post("/v1/apps/api/delete", Map.of()).number("exit_code", -1))
                .isZero();
    }

    /** Needs root, because only root can become somebody else. */
    @Test
    void othersMayLookStartAndStopButNothingElse() throws Exception {
        assumeThat(System.getProperty("user.name")).isEqualTo("root");
        assumeThat(Path.of("/usr/bin/setpriv")).exists();
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
        Path classes = Files.createTempDirectory("bulkhead-peer");
        try {
            Files.setPosixFilePermissions(classes, PosixFilePermissions.fromString("rwxr-xr-x"));
            Path source = Files.writeString(classes.resolve("Ask.java"), ASK);
            List<String> asks = List.of(
                    "GET /v1/status",
                    "POST /v1/apps/api/stop",
                    "POST /v1/apps/api/start",
                    "POST /v1/apps/api/restart",
                    "POST /v1/apps/api/start {\"force\":true}",
                    "POST /v1/apps/api/reload {\"skip\":[\"disk\"]}",
                    "POST /v1/apps/api/signal",
                    "POST /v1/apps/api/delete",
                    "POST /v1/apps/api/reset",
                    "POST /v1/apply",
                    "POST /v1/scripts",
                    "POST /v1/shutdown");
            List<String> command = new java.util.ArrayList<>(List.of(
                    "setpriv",
                    "--reuid",
                    "65534",
                    "--regid",
                    "65534",
                    "--clear-groups",
                    System.getProperty("java.home") + "/bin/java",
                    source.toString(),
                    socket.toString()));
            command.addAll(asks);
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String out = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
            assertThat(out.lines())
                    .as(out)
                    .containsExactly("200", "200", "200", "200", "403", "403", "403", "403", "403", "403", "403", "403");
            assertThat(control.asked).containsExactly("stop api {}", "start api {}", "restart api {}");
        } finally {
            Files.delete(classes.resolve("Ask.java"));
            Files.delete(classes);
        }
    }

    private static final String ASK = """
            import java.net.*;
            import java.nio.*;
            import java.nio.channels.*;
            import java.nio.file.*;
            class Ask {
                public static void main(String[] args) throws Exception {
                    for (int i = 1; i < args.length; i++) {
                        try (SocketChannel c = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                            c.connect(UnixDomainSocketAddress.of(Path.of(args[0])));
                            int at = args[i].indexOf(" {");
                            String body = at < 0 ? "" : args[i].substring(at + 1);
                            c.write(ByteBuffer.wrap(((at < 0 ? args[i] : args[i].substring(0, at)) + " HTTP/1.1\\r\\nConnection: close\\r\\nContent-Length: "
                                    + body.length() + "\\r\\n\\r\\n" + body).getBytes()));
                            ByteBuffer head = ByteBuffer.allocate(12);
                            while (head.hasRemaining() && c.read(head) > 0) {}
                            System.out.println(new String(head.array(), 9, 3));
                        }
                    }
                }
            }
            """;

    private Doc get(String target) throws IOException {
        try (Reply reply = client.get(target)) {
            return Doc.of(reply.json());
        }
    }

    private Doc post(String target, Object body) throws IOException {
        try (Reply reply = client.post(target, body)) {
            return Doc.of(reply.json());
        }
    }

    private int status(String method, String target) throws IOException {
        try (Wire wire = new Wire(socket)) {
            String answer = wire.send(method + " " + target + " HTTP/1.1\r\nConnection: close\r\n\r\n")
                    .rest();
            assertThat(answer).contains("{\"error\":{\"code\":");
            return Integer.parseInt(answer.substring(9, 12));
        }
    }

    private static String line(Reply reply) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = reply.body().read(); b != '\n'; b = reply.body().read()) {
            line.append((char) b);
        }
        return line.toString();
    }
}
