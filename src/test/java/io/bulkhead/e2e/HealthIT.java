package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** When real programs count as ready, and what follows when one is not well. */
class HealthIT {

    @BeforeAll
    static void needsNode() {
        Assumptions.assumeTrue(Sandbox.hasNode(), "node is missing: apt install nodejs");
    }

    @Test
    void oneOfTwoThatHangsIsFoundExplainedAndReplaced() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            int port = ReloadIT.freePort();
            sandbox.write("server.cjs", """
                    const http = require('http');
                    function findsNoEnd() { for (let n = 0; ; n++) if (n < 0) return n; }
                    http.createServer((request, response) => {
                      if (request.url === '/hang') findsNoEnd();
                      response.end(String(process.pid));
                    }).listen(Number(process.env.PORT));
                    """);
            sandbox.up("""
                    apps:
                      api:
                        command: node server.cjs
                        listen: %d
                        instances: 2
                        stop_grace_period: 5s
                        healthcheck: {http: /health, interval: 1s, timeout: 1s, retries: 2, start_period: 0s}
                    """.formatted(port));
            long first = sandbox.pid("api");
            long second = ((Number) sandbox.instance("api", 1).get("pid")).longValue();
            // Not by a client that asks again by itself, and so brings down the second one too.
            try (Socket client = new Socket(InetAddress.getLoopbackAddress(), port)) {
                client.getOutputStream().write("GET /hang HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                assertThat(client.getInputStream().read()).as("no answer ever comes").isEqualTo(-1);
            } catch (SocketException reset) {
                assertThat(sandbox.state("api")).as("the other one serves").isNotEqualTo("down");
            }
            eventually("one is replaced", () -> !sandbox.incidents("api").isEmpty());

            Map<String, Object> incident = sandbox.incidents("api").getFirst();
            assertThat(incident.get("cause")).isEqualTo("unhealthy");
            assertThat(incident.get("evidence").toString())
                    .contains("GET /health: no answer in 1 s", "a loop in its code that does not end", "findsNoEnd");
            assertThat(incident.get("advice").toString()).contains("findsNoEnd", "worker_thread");
            assertThat(sandbox.run("why", "api").ok().out()).contains("GET /health: no answer in 1 s");
            long firstNow = sandbox.pid("api");
            long secondNow = ((Number) sandbox.instance("api", 1).get("pid")).longValue();
            assertThat(List.of(firstNow != first, secondNow != second))
                    .as("one of the two")
                    .containsExactlyInAnyOrder(true, false);
            assertThat(ReloadIT.get(port, "/")).isIn(Long.toString(firstNow), Long.toString(secondNow));
            assertThat(sandbox.run("show", "api").ok().out()).contains("GET /health: 200 after");
        }
    }

    /** What each program does after its name is all that makes it ready. */
    @Test
    void everyWayToBeReadyIsSeen() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            int own = ReloadIT.freePort();
            int handed = ReloadIT.freePort();
            sandbox.write("go.pl", """
                    use Socket; $| = 1;
                    sleep 1 until -e "go";
                    if ($ARGV[0] eq "notify") {
                      socket(S, AF_UNIX, SOCK_DGRAM, 0);
                      send(S, "READY=1\\nSTATUS=serves all", 0, sockaddr_un($ENV{NOTIFY_SOCKET})) or die $!;
                    } elsif ($ARGV[0] eq "own") {
                      socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
                      bind(S, sockaddr_in($ARGV[1], INADDR_ANY)) or die $!; listen(S, 5);
                    } elsif ($ARGV[0] eq "handed") {
                      open(S, "+<&=3") or die $!; accept(C, S);
                    }
                    sleep 1000;
                    """);
            sandbox.write(
                    "message.cjs",
                    "setInterval(() => { if (require('fs').existsSync('go')) process.send('ready'); }, 100);");
            sandbox.write("bulkhead.yaml", """
                    apps:
                      notify: {command: perl go.pl notify, ready: notify}
                      own: {command: perl go.pl own %1$d, listen: {address: %1$d, handover: false}, ready: listen}
                      handed: {command: perl go.pl handed, listen: {address: %2$d, handover: true}, ready: listen}
                      message: {command: node message.cjs, ready: message}
                      asked:
                        command: sleep 1000
                        ready: health
                        healthcheck: {exec: {shell: "echo not yet >&2; test -e go"}, interval: 1s, timeout: 5s}
                    """.formatted(own, handed));
            sandbox.write("none.yaml", "apps: {idle: {command: sleep 1000}}");
            sandbox.run("up", "-d", "-f", sandbox.home.resolve("none.yaml").toString())
                    .ok();
            sandbox.run(
                            "apply",
                            "--no-wait",
                            "-f",
                            sandbox.home.resolve("bulkhead.yaml").toString())
                    .ok();
            for (String app : List.of("notify", "own", "handed", "message", "asked")) {
                eventually(
                        app + " starts",
                        () -> sandbox.instance(app, 0).get("state").equals("starting"));
            }
            eventually(
                    "the check is told",
                    () -> sandbox.run("status", "asked").ok().out().contains("not yet"));
            sandbox.write("go", "");
            for (String app : List.of("notify", "own", "handed", "message", "asked")) {
                eventually(
                        app + " is ready",
                        () -> sandbox.instance(app, 0).get("state").equals("ready"));
            }
            assertThat(sandbox.instance("notify", 0).get("says")).isEqualTo("serves all");
        }
    }

    @Test
    void aStrangerCannotSpeakForARun() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("none.yaml", "apps: {idle: {command: sleep 1000}}");
            sandbox.run("up", "-d", "-f", sandbox.home.resolve("none.yaml").toString())
                    .ok();
            sandbox.write("bulkhead.yaml", "apps: {quiet: {command: sleep 1000, ready: notify}}");
            sandbox.run(
                            "apply",
                            "--no-wait",
                            "-f",
                            sandbox.home.resolve("bulkhead.yaml").toString())
                    .ok();
            eventually("it starts", () -> sandbox.instance("quiet", 0).get("pid") != null);
            Process stranger = new ProcessBuilder(
                            "perl",
                            "-MSocket",
                            "-e",
                            "socket(S, AF_UNIX, SOCK_DGRAM, 0); send(S, 'READY=1', 0, sockaddr_un($ARGV[0])) or die $!; sleep 1000",
                            sandbox.home.resolve("run/s/quiet-0").toString())
                    .start();
            try {
                eventually(
                        "it is refused",
                        () -> java.nio.file.Files.readString(sandbox.home.resolve("log/bulkhead.log"))
                                .contains("process " + stranger.pid()));
                assertThat(sandbox.instance("quiet", 0).get("state")).isEqualTo("starting");
            } finally {
                stranger.destroyForcibly();
            }
        }
    }
}
