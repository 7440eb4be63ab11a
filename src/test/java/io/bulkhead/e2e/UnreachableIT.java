package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A burst of connections that fail becomes one incident, which names who is missing; and descriptors that are not closed are told of. */
class UnreachableIT {

    private static List<Map<String, Object>> unreachable(Sandbox sandbox, String app) throws Exception {
        return sandbox.incidents(app).stream()
                .filter(incident -> incident.get("cause").equals("unreachable"))
                .toList();
    }

    @Test
    void aBurstIsOneIncidentWithTheMissingListenerAndIsOverWhenThatIsBack() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        int port = SshServer.quietPort();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(
                    "app.js",
                    "const net = require('net'); setInterval(() => net.connect(" + port
                            + ", '127.0.0.1').on('error', (e) => console.error(e.message)).on('connect', function () { this.end() }), 50)\n");
            sandbox.up("externals:\n  orders: {address: '127.0.0.1:" + port
                    + "'}\napps:\n  api: {command: node app.js, instances: 2, ready: 100ms}\n");
            eventually("an incident", () -> !unreachable(sandbox, "api").isEmpty());
            Map<String, Object> incident = unreachable(sandbox, "api").getFirst();
            assertThat(incident.get("summary").toString())
                    .contains("connections to 127.0.0.1:" + port + " refused: nobody listens on 127.0.0.1:" + port)
                    .contains("where orders of `externals` should be");
            assertThat(incident.get("evidence").toString()).contains("log: connect ECONNREFUSED 127.0.0.1:" + port);
            assertThat(incident.get("resolved")).isEqualTo(false);
            assertThat(sandbox.run("why", "api").ok().out()).contains("nobody listens on 127.0.0.1:" + port);

            try (ServerSocket orders = new ServerSocket(port, 50, InetAddress.ofLiteral("127.0.0.1"))) {
                assertThat(orders.isBound()).isTrue();
                eventually(
                        "it is over",
                        () -> unreachable(sandbox, "api")
                                .getFirst()
                                .get("resolved")
                                .equals(true));
            }
            assertThat(sandbox.run("events")
                            .ok()
                            .out()
                            .lines()
                            .filter(line -> line.contains("connections to 127.0.0.1:" + port)))
                    .as("one burst, two instances, hundreds of lines")
                    .hasSize(1);
        }
    }

    @Test
    void whoDiesOfItIsExplainedByIt() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        int port = SshServer.quietPort();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("app.js", "setTimeout(() => require('net').connect(" + port + ", '127.0.0.1'), 300)\n");
            sandbox.up("apps:\n  api: {command: node app.js, ready: 100ms}\n");
            eventually("it has died", () -> !sandbox.incidents("api").isEmpty());
            eventually(
                    "and is explained",
                    () -> sandbox.incidents("api")
                            .getFirst()
                            .get("summary")
                            .toString()
                            .contains("nobody listens on 127.0.0.1:" + port));
            assertThat(sandbox.incidents("api").getFirst()).containsEntry("cause", "exited");
            assertThat(sandbox.incidents("api").getFirst().get("advice").toString())
                    .contains("start what should listen there");
        }
    }

    @Test
    void descriptorsNearTheirLimitAreToldOnce() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(
                    "leak.py",
                    "import os, time\nfor i in range(230): os.open('/dev/null', os.O_RDONLY)\ntime.sleep(1000)\n");
            sandbox.up(
                    "apps:\n  api: {command: python3 leak.py, nofile: 256, ready: 100ms}\n  well: {command: sleep 1000, ready: 100ms}\n");
            eventually("it is counted", () -> sandbox.instance("api", 0).get("descriptors") != null);
            assertThat(((Number) sandbox.instance("api", 0).get("descriptors")).intValue())
                    .isBetween(230, 250);
            assertThat(sandbox.instance("api", 0).get("descriptors_limit")).isEqualTo(256L);
            eventually(
                    "it is told",
                    () -> sandbox.run("events").ok().out().contains("descriptors open of the 256 that it may open"));
            assertThat(sandbox.run("events").ok().out()).contains("are no sockets");
            assertThat(sandbox.run("processes").ok().out()).containsPattern("api +0 +2\\d\\d +256");
            assertThat(((Number) sandbox.instance("well", 0).get("descriptors")).intValue())
                    .isLessThan(20);
        }
    }
}
