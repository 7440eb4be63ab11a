package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code reload} and {@code scale} of a real Node server that knows nothing of Bulkhead. */
class ReloadIT {

    private static final String SERVER = """
            const http = require('http');
            console.log('%s begins');
            %s
            const server = http.createServer((request, response) => {
              response.statusCode = request.url === '/health' ? %d : 200;
              response.end('%s ' + process.pid);
            });
            %s
            """;

    private static final String LISTENS = "server.listen(Number(process.env.PORT));";

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @BeforeAll
    static void needsNode() {
        Assumptions.assumeTrue(Sandbox.hasNode(), "node is missing: apt install nodejs");
    }

    static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    static String get(int port, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .timeout(Duration.ofSeconds(10))
                .build();
        return CLIENT.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    private static void version(Sandbox sandbox, String name, String first, int health, String last) throws Exception {
        sandbox.write("server.cjs", SERVER.formatted(name, first, health, name, last));
    }

    private static int up(Sandbox sandbox, String more) throws Exception {
        int port = freePort();
        version(sandbox, "old", "", 200, LISTENS);
        sandbox.up("""
                apps:
                  api:
                    command: node server.cjs
                    listen: %d
                    instances: 2
                    healthcheck: {http: /health, interval: 1s, timeout: 1s, start_timeout: 4s}
                %s
                """.formatted(port, more));
        return port;
    }

    @Test
    void everyInstanceIsReplacedAndScaled() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            int port = up(sandbox, "");
            long first = sandbox.pid("api");
            version(sandbox, "new", "", 200, LISTENS);
            sandbox.run("reload", "api").ok();
            assertThat(sandbox.pid("api")).isNotEqualTo(first);
            Set<String> answers = new HashSet<>();
            for (int i = 0; i < 20; i++) {
                answers.add(get(port, "/").split(" ")[0]);
            }
            assertThat(answers).containsExactly("new");

            assertThat(sandbox.run("scale", "api", "3").ok().out()).contains("api/2: ready");
            sandbox.run("reload", "api/2").ok();
            sandbox.run("scale", "api", "0").ok();
            assertThat(sandbox.app("api").get("instances")).asList().isEmpty();
            sandbox.run("scale", "api", "1").ok();
            assertThat(get(port, "/")).startsWith("new");
            sandbox.run("scale", "api", "many").exits(2);
            sandbox.run("scale", "api", "1001").exits(2);
            sandbox.run("scale", "nobody", "1").exits(4);
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            value = {
                "throws at once|throw new Error('broken build')|200|true",
                "throws after 1.5 s|setTimeout(() => { throw new Error('broken build') }, 1500)|200|true",
                "never listens|setInterval(() => {}, 1000); console.log('Error: broken build')|200|false",
                "is not well|console.log('Error: broken build')|500|true"
            })
    void aBrokenBuildLeavesTheOldOneServing(String way, String first, int health, boolean listens) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            int port = up(sandbox, "");
            long before = sandbox.pid("api");
            version(sandbox, "broken", first + ";", health, listens ? LISTENS : "");
            Sandbox.Result result = sandbox.run("reload", "api").exits(6);

            assertThat(result.err()).contains("last lines of api/0:", "Error: broken build");
            assertThat(sandbox.pid("api")).isEqualTo(before);
            for (int i = 0; i < 20; i++) {
                assertThat(get(port, "/")).as("the broken one never met a user").startsWith("old");
            }
            assertThat(sandbox.state("api")).isEqualTo("up");
            assertThat(sandbox.run("events", "api", "-n", "200").ok().out()).contains("the run before goes on");
        }
    }

    @Test
    void aFailingHookBeforeTheStartKeepsTheOldOne() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            int port = up(sandbox, "    hooks: {pre_start: {shell: \"echo so sad >&2; test ! -e bad\"}}");
            sandbox.write("bad", "");
            Sandbox.Result result = sandbox.run("reload", "api").exits(6);
            assertThat(result.err()).contains("pre_start failed: exited with code 1: so sad");
            assertThat(get(port, "/")).startsWith("old");
            eventually(
                    "it is told",
                    () -> sandbox.run("events", "api", "-n", "200").ok().out().contains("pre_start failed"));
        }
    }
}
