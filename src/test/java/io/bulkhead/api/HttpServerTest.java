package io.bulkhead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HttpServerTest {

    private static final HttpLimits TIGHT =
            new HttpLimits(4, 1024, 4096, 8192, Duration.ofMillis(300), Duration.ofMillis(500));

    @TempDir
    Path folder;

    private Path socket;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("b.sock");
        server = HttpServer.start(socket, HttpServerTest::echo, HttpLimits.DEFAULT);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void theSocketIsForOwnerAndGroupFromTheFirstMoment() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-rw----");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(socket);
        }
    }

    @Test
    void oneConnectionCarriesManyRequestsAlsoSentAtOnce() throws IOException {
        try (Wire wire = new Wire(socket)) {
            wire.send("GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 3\r\n\r\nxyz"
                    + "POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x=y\r\nc\r\n0\r\n\r\n"
                    + "GET /last HTTP/1.1\r\nConnection: close\r\n\r\n");
            assertThat(wire.rest())
                    .contains("GET [a] {} 0")
                    .contains("POST [b] {} 3 xyz")
                    .contains("POST [c] {} 3 abc")
                    .contains("GET [last] {} 0");
        }
    }

    @Test
    void pathAndQueryAreDecoded() throws IOException {
        assertThat(ask("GET /v1/a%2Fb/%C3%A9?q=1%202+3&flag&x=%26 HTTP/1.1\r\nConnection: close\r\n\r\n"))
                .contains("GET [v1, a/b, é] {q=1 2 3, flag=, x=&}");
    }

    @Test
    void aClientThatAsksWhetherToGoOnIsToldTo() throws IOException {
        try (Wire wire = new Wire(socket)) {
            wire.send("POST /x HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n");
            assertThat(wire.until("\r\n\r\n")).isEqualTo("HTTP/1.1 100 Continue\r\n\r\n");
            assertThat(wire.send("ok").rest()).contains("POST [x] {} 2 ok");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    GET / HTTP/2.0\\r\\n\\r\\n                                                          | 505
                    GET /\\r\\n\\r\\n                                                                   | 400
                    get / HTTP/1.1\\r\\n\\r\\n                                                          | 400
                    GET http://x/ HTTP/1.1\\r\\n\\r\\n                                                  | 400
                    GET /%zz HTTP/1.1\\r\\n\\r\\n                                                       | 400
                    GET /%00 HTTP/1.1\\r\\n\\r\\n                                                       | 400
                    GET /a b HTTP/1.1\\r\\n\\r\\n                                                       | 400
                    GET / HTTP/1.1\\r\\nA : b\\r\\n\\r\\n                                               | 400
                    GET / HTTP/1.1\\r\\n folded\\r\\n\\r\\n                                             | 400
                    GET / HTTP/1.1\\rX\\n\\r\\n                                                         | 400
                    POST / HTTP/1.1\\r\\nContent-Length: -1\\r\\n\\r\\n                                 | 400
                    POST / HTTP/1.1\\r\\nContent-Length: 1\\r\\nContent-Length: 1\\r\\n\\r\\n           | 400
                    POST / HTTP/1.1\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n  | 400
                    POST / HTTP/1.1\\r\\nTransfer-Encoding: gzip\\r\\n\\r\\n                            | 501
                    POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\nzz\\r\\n                 | 400
                    POST / HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n1\\r\\nabc\\r\\n         | 400
                    POST / HTTP/1.1\\r\\nContent-Length: 1048577\\r\\n\\r\\n                            | 413
                    POST / HTTP/1.1\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\n               | 413
                    POST / HTTP/1.1\\r\\nContent-Length: 5\\r\\n\\r\\nabc                               | 400
                    """)
    void whatIsNoProperRequestIsRefusedAndTheConnectionEnds(String request, int status) throws IOException {
        try (Wire wire = new Wire(socket)) {
            String answer = wire.send(request.replace("\\r", "\r").replace("\\n", "\n"))
                    .end()
                    .rest();
            assertThat(answer).startsWith("HTTP/1.1 " + status + " ").contains("Connection: close", "\"error\":{");
        }
    }

    @Test
    void aHeadWithoutEndIsCutOff() throws IOException {
        try (Wire wire = new Wire(socket)) {
            assertThat(wire.send("GET / HTTP/1.1\r\nX: " + "a".repeat(17 << 10)).rest())
                    .startsWith("HTTP/1.1 431 ");
        }
        try (Wire wire = new Wire(socket)) {
            assertThat(wire.send("GET / HTTP/1.1\r\n" + "a: b\r\n".repeat(65)).rest())
                    .startsWith("HTTP/1.1 431 ");
        }
    }

    @Test
    void largeBodiesTogetherAreBounded() throws IOException {
        restart(TIGHT, HttpServerTest::echo);
        try (Wire one = new Wire(socket);
                Wire two = new Wire(socket);
                Wire three = new Wire(socket)) {
            one.send("POST / HTTP/1.1\r\nContent-Length: 4096\r\n\r\n1");
            two.send("POST / HTTP/1.1\r\nContent-Length: 4096\r\n\r\n2");
            await().untilAsserted(() -> assertThat(server.connections()).isEqualTo(3));
            // The first two hold the whole budget until they end or are too slow.
            await().untilAsserted(() -> {
                try (Wire again = new Wire(socket)) {
                    assertThat(again.send("POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n")
                                    .end()
                                    .rest())
                            .startsWith("HTTP/1.1 503 ");
                }
            });
        }
        await().untilAsserted(
                        () -> assertThat(ask("POST / HTTP/1.1\r\nConnection: close\r\nContent-Length: 2\r\n\r\nab"))
                                .startsWith("HTTP/1.1 200 "));
    }

    @Test
    void tooManyConnectionsAreToldSoAndSlowOnesEnd() throws IOException {
        restart(TIGHT, HttpServerTest::echo);
        List<Wire> idle = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            idle.add(new Wire(socket).send("GET /slow"));
        }
        await().untilAsserted(() -> assertThat(server.connections()).isEqualTo(4));
        try (Wire fifth = new Wire(socket)) {
            assertThat(fifth.rest()).startsWith("HTTP/1.1 503 ");
        }
        for (Wire wire : idle) {
            assertThat(wire.rest()).isEmpty(); // ended by the server, which is not asked again
            wire.close();
        }
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
        assertThat(ask("GET /again HTTP/1.1\r\nConnection: close\r\n\r\n")).contains("GET [again]");
    }

    @Test
    void aClientThatDoesNotReadIsDroppedInTheEnd() throws IOException {
        AtomicBoolean failed = new AtomicBoolean();
        restart(TIGHT, (request, response) -> {
            try (var out = response.stream(200, "text/plain")) {
                byte[] much = new byte[64 << 10];
                while (true) {
                    out.write(much);
                }
            } catch (IOException e) {
                failed.set(true);
                throw e;
            }
        });
        try (Wire wire = new Wire(socket)) {
            wire.send("GET / HTTP/1.1\r\n\r\n");
            await().untilTrue(failed);
        }
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
    }

    @Test
    void aHandlerThatWaitsIsInterruptedWhenItsClientLeaves() throws IOException {
        CountDownLatch waits = new CountDownLatch(1);
        AtomicBoolean interrupted = new AtomicBoolean();
        restart(HttpLimits.DEFAULT, (request, response) -> {
            response.interruptWhenClientLeaves();
            waits.countDown();
            try {
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                interrupted.set(true);
            }
        });
        try (Wire wire = new Wire(socket)) {
            wire.send("GET / HTTP/1.1\r\n\r\n");
            await().until(() -> waits.getCount() == 0);
        }
        await().untilTrue(interrupted);
        await().untilAsserted(() -> assertThat(server.connections()).isZero());
    }

    @Test
    void aBugInAHandlerIsAnsweredAndEndsOnlyItsConnection() throws IOException {
        restart(HttpLimits.DEFAULT, (request, response) -> {
            throw new IllegalStateException("oops");
        });
        assertThat(ask("GET / HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 500 ").contains("oops");
        assertThat(ask("GET / HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 500 ");
    }

    @Test
    void aSocketThatSomebodyListensOnIsNotTaken() {
        assertThatThrownBy(() -> HttpServer.start(socket, HttpServerTest::echo, HttpLimits.DEFAULT))
                .hasMessage("another daemon listens on " + socket);
    }

    @Test
    void aLeftoverSocketIsReplacedAndAnotherFileIsNot() throws IOException {
        Path left = folder.resolve("left.sock");
        try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            dead.bind(UnixDomainSocketAddress.of(left));
        }
        assertThat(left).exists();
        HttpServer.start(left, HttpServerTest::echo, HttpLimits.DEFAULT).close();
        assertThat(left).doesNotExist();

        Path file = Files.writeString(folder.resolve("file"), "precious");
        assertThatThrownBy(() -> HttpServer.start(file, HttpServerTest::echo, HttpLimits.DEFAULT))
                .hasMessageContaining("is no socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aPathTheKernelCannotTakeIsNamed() {
        Path deep = folder.resolve("x".repeat(120));
        assertThatThrownBy(() -> HttpServer.start(deep, HttpServerTest::echo, HttpLimits.DEFAULT))
                .hasMessageContaining("the kernel takes 107")
                .hasMessageContaining("BULKHEAD_HOME");
    }

    private void restart(HttpLimits limits, HttpServer.Handler handler) throws IOException {
        server.close();
        server = HttpServer.start(socket, handler, limits);
    }

    private String ask(String request) throws IOException {
        try (Wire wire = new Wire(socket)) {
            return wire.send(request).rest();
        }
    }

    private static void echo(HttpRequest request, HttpResponse response) throws IOException {
        String text = request.method() + " " + request.segments() + " " + request.query() + " " + request.body().length
                + " " + new String(request.body(), java.nio.charset.StandardCharsets.ISO_8859_1);
        response.send(200, "text/plain", text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
}
