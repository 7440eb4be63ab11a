package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Sockets that Node programs are handed, as they call listen() of their own. */
class NodeSocketsIT {

    private static final int CLIENTS = 32;
    private static final int REQUESTS = 60;

    @BeforeEach
    void needsNode() {
        assumeTrue(Sandbox.hasNode(), "node is missing: apt install nodejs");
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0)) {
            return probe.getLocalPort();
        }
    }

    private static String get(SocketChannel channel) throws IOException {
        try (channel) {
            channel.write(ByteBuffer.wrap(
                    "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(2000);
            while (channel.read(answer) >= 0) {
                assertThat(answer.hasRemaining()).isTrue();
            }
            String text = new String(answer.array(), 0, answer.position(), StandardCharsets.US_ASCII);
            assertThat(text).startsWith("HTTP/1.1 200");
            return text.substring(text.indexOf("\r\n\r\n") + 4);
        }
    }

    private static String get(String host, int port) throws IOException {
        return get(SocketChannel.open(new InetSocketAddress(InetAddress.getByName(host), port)));
    }

    /** A new connection for each request, as from users: every instance gets its part of a steady load. */
    @Test
    void noInstanceOfFourGetsUnderATenthOfTheLoad() throws Exception {
        int port = freePort();
        try (Sandbox sandbox = new Sandbox();
                ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            sandbox.write("server.js", """
                    require('http').createServer((ask, reply) => setTimeout(() =>
                      reply.end(process.env.BULKHEAD_INSTANCE), 5)).listen(%d);
                    """.formatted(port));
            sandbox.up("apps:\n  web: {command: node server.js, listen: " + port + ", instances: 4}\n");
            List<Future<Map<String, Integer>>> each = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                each.add(clients.submit(() -> {
                    Map<String, Integer> served = new TreeMap<>();
                    for (int i = 0; i < REQUESTS; i++) {
                        served.merge(get("127.0.0.1", port), 1, Integer::sum);
                    }
                    return served;
                }));
            }
            Map<String, Integer> all = new TreeMap<>();
            for (Future<Map<String, Integer>> one : each) {
                one.get().forEach((instance, count) -> all.merge(instance, count, Integer::sum));
            }
            assertThat(all.keySet()).containsExactly("0", "1", "2", "3");
            assertThat(all.values()).as("%s", all).allMatch(count -> count >= CLIENTS * REQUESTS / 10);
        }
    }

    @Test
    void aPathIsServedThroughThePreloadAcrossAReload() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path file = sandbox.home.resolve("web.sock");
            sandbox.write("server.js", """
                    require('http').createServer((ask, reply) => reply.end(String(process.pid))).listen('%s');
                    """.formatted(file));
            sandbox.up("apps:\n  web: {command: node server.js, listen: " + file + "}\n");
            long first = sandbox.pid("web");
            assertThat(get(SocketChannel.open(UnixDomainSocketAddress.of(file))))
                    .isEqualTo(String.valueOf(first));
            sandbox.run("reload", "web").ok();
            assertThat(sandbox.pid("web")).isNotEqualTo(first);
            assertThat(get(SocketChannel.open(UnixDomainSocketAddress.of(file))))
                    .isEqualTo(String.valueOf(sandbox.pid("web")));
        }
    }

    @Test
    void twoAddressesOfOnePortAreTwoServers() throws Exception {
        int port = freePort();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("server.js", """
                    for (const host of ['127.0.0.1', '::1'])
                      require('http').createServer((ask, reply) => reply.end(host)).listen(%d, host);
                    """.formatted(port));
            sandbox.up("apps:\n  web: {command: node server.js, listen: [\"127.0.0.1:" + port + "\", \"[::1]:" + port
                    + "\"]}\n");
            assertThat(get("127.0.0.1", port)).isEqualTo("127.0.0.1");
            assertThat(get("::1", port)).isEqualTo("::1");
            sandbox.run("reload", "web").ok();
            assertThat(get("127.0.0.1", port)).isEqualTo("127.0.0.1");
            assertThat(get("::1", port)).isEqualTo("::1");
        }
    }

    /** One server for both, as an app has it that asks for "localhost" or for every address. */
    @Test
    void oneServerMayServeBothAddresses() throws Exception {
        int port = freePort();
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("server.js", """
                    require('http').createServer((ask, reply) => reply.end('both')).listen(%d, 'localhost');
                    """.formatted(port));
            sandbox.up("apps:\n  web: {command: node server.js, listen: [\"127.0.0.1:" + port + "\", \"[::1]:" + port
                    + "\"]}\n");
            assertThat(get("127.0.0.1", port)).isEqualTo("both");
            assertThat(get("::1", port)).isEqualTo("both");
        }
    }
}
