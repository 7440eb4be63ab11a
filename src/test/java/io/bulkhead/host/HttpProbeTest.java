package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that answer as they should, and servers that do not. */
class HttpProbeTest {

    private static final HttpProbe.Page PAGE = new HttpProbe.Page("/health", 200, 299, 20_000);
    private static final HttpProbe.Page IMPATIENT = new HttpProbe.Page("/health", 200, 299, 200);

    @TempDir
    Path folder;

    @Test
    void anAnswerInTheRangeIsWell() throws Exception {
        try (FakeServer server =
                FakeServer.onTcp(FakeServer.saying("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"))) {
            ProbeAnswer answer = HttpProbe.ask(server.address(), PAGE);

            assertThat(answer.well()).isTrue();
            assertThat(answer.words()).matches("GET /health: 204 after \\d+ ms");
            assertThat(server.asked.get())
                    .startsWith("GET /health HTTP/1.1\r\n")
                    .contains("\r\nHost: 127.0.0.1:", "\r\nConnection: close\r\n")
                    .endsWith("\r\n\r\n");
        }
    }

    @Test
    void aPrivateSocketIsAskedTheSameWay() throws Exception {
        Path file = folder.resolve("4711.0");
        try (FakeServer server =
                FakeServer.onFile(file, FakeServer.saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).well()).isTrue();
            assertThat(server.asked.get()).contains("\r\nHost: localhost\r\n");
        }
    }

    @Test
    void anIllStatusIsToldWithTheFirstLineOfWhatItSays() throws Exception {
        try (FakeServer server = FakeServer.onTcp(
                FakeServer.saying(
                        "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 34\r\n\r\n\n{\"database\":\"down\",\u0007\"x\":\"y\"}\nmore"))) {
            ProbeAnswer answer = HttpProbe.ask(server.address(), PAGE);

            assertThat(answer.well()).isFalse();
            assertThat(answer.words())
                    .matches("GET /health: 503 after \\d+ ms: \\{\"database\":\"down\",\\?\"x\":\"y\"}");
        }
    }

    @Test
    void whatItSaysIsShownWithoutPasswords() throws Exception {
        try (FakeServer server = FakeServer.onTcp(
                FakeServer.saying(
                        "HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n26\r\ncannot reach postgres://shop:s3cret@db\r\n0\r\n\r\n"))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).words())
                    .endsWith("cannot reach postgres://shop:********@db");
        }
    }

    @Test
    void aRedirectIsNotFollowed() throws Exception {
        String redirect = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(redirect))) {
            ProbeAnswer answer = HttpProbe.ask(server.address(), PAGE);

            assertThat(answer.well()).isFalse();
            assertThat(answer.words()).contains("302", "a redirect to /login", "write status: 200-399");
            assertThat(HttpProbe.ask(server.address(), new HttpProbe.Page("/", 200, 399, 20_000))
                            .well())
                    .isTrue();
        }
    }

    @Test
    void interimAnswersArePassedOver() throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(
                "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).words()).startsWith("GET /health: 200");
        }
    }

    @Test
    void onlyInterimAnswersAreNone() throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying("HTTP/1.1 100 Continue\r\n\r\n".repeat(1000)))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).well()).isFalse();
        }
    }

    @Test
    void nobodyThereIsIll() throws Exception {
        InetSocketAddress closed;
        try (FakeServer server = FakeServer.onTcp(connection -> {})) {
            closed = (InetSocketAddress) server.address();
        }
        assertThat(HttpProbe.ask(closed, PAGE).words())
                .isEqualTo("GET /health: connection refused, nothing listens on 127.0.0.1:" + closed.getPort());
        assertThat(HttpProbe.ask(UnixDomainSocketAddress.of(folder.resolve("none")), PAGE)
                        .well())
                .isFalse();
    }

    @Test
    void oneThatHangsIsIllInTime() throws Exception {
        CompletableFuture<FakeServer> self = new CompletableFuture<>();
        try (FakeServer server =
                FakeServer.onTcp(connection -> self.get(20, TimeUnit.SECONDS).hang())) {
            self.complete(server);
            ProbeAnswer answer = HttpProbe.ask(server.address(), IMPATIENT);

            assertThat(answer).isEqualTo(ProbeAnswer.ill("GET /health: no answer in 200 ms"));
        }
    }

    @Test
    void oneThatNeverEndsIsIllInTime() throws Exception {
        CompletableFuture<FakeServer> self = new CompletableFuture<>();
        try (FakeServer server = FakeServer.onTcp(connection -> {
            FakeServer.write(connection, "HTTP/1.1 200 OK\r\n\r\nx".getBytes(StandardCharsets.US_ASCII));
            self.get(20, TimeUnit.SECONDS).hang();
        })) {
            self.complete(server);
            assertThat(HttpProbe.ask(server.address(), IMPATIENT))
                    .isEqualTo(ProbeAnswer.ill("GET /health: 200, but no end of the answer in 200 ms"));
        }
    }

    /** It stops after 64 KiB: a probe must not become the load. */
    @Test
    void ofAGigabyteOnlyTheBeginningIsRead() throws Exception {
        AtomicLong sent = new AtomicLong();
        byte[] block = new byte[1 << 16];
        CompletableFuture<Void> gaveUp = new CompletableFuture<>();
        try (FakeServer server = FakeServer.onTcp(connection -> {
            FakeServer.write(
                    connection,
                    "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            try {
                while (sent.get() < 1 << 30) {
                    FakeServer.write(connection, block);
                    sent.addAndGet(block.length);
                }
            } finally {
                gaveUp.complete(null);
            }
        })) {
            assertThat(HttpProbe.ask(server.address(), PAGE).well()).isTrue();
            gaveUp.get(20, TimeUnit.SECONDS);
            assertThat(sent.get()).isLessThan(64 << 20);
        }
    }

    @Test
    void aHeadWithoutEndIsIll() throws Exception {
        try (FakeServer server = FakeServer.onTcp(
                FakeServer.saying("HTTP/1.1 200 OK\r\n" + "X-Long: 123456789012345678901234567890\r\n".repeat(2000)))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).words()).contains("longer than 16 KiB");
        }
    }

    @Test
    void anAnswerThatIsCutShortIsIll() throws Exception {
        try (FakeServer server =
                FakeServer.onTcp(FakeServer.saying("HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\nhalf"))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).words()).endsWith("but the answer ends before its end");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SSH-2.0-OpenSSH_9.2p1 Debian\r\n",
                "-ERR unknown command 'GET'\r\n",
                "HTTP/1.1 abc\r\n\r\n",
                "HTTP/1.1 2000 OK\r\n\r\n",
                "HTTP/1.1 99\r\n\r\n",
                "HTTP/2 200\r\n\r\n",
                "HTTP/1.1\r\n\r\n",
                "HTP",
                "\u0000\u0001\u0002\u0003\u0004\u0005\n"
            })
    void garbageIsShownWithoutWhatHarmsATerminal(String text) throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(text))) {
            ProbeAnswer answer = HttpProbe.ask(server.address(), PAGE);

            assertThat(answer.well()).isFalse();
            assertThat(answer.words()).contains("speaks no HTTP").matches("\\P{Cntrl}+");
        }
    }

    @Test
    void closingWithoutAWordIsIll() throws Exception {
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(""))) {
            assertThat(HttpProbe.ask(server.address(), PAGE).words()).contains("closed without an answer");
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "2", "3", "4", "5", "6", "7", "8"})
    void noAnswerBreaksIt(long seed) throws Exception {
        Random random = new Random(seed);
        String[] pieces = {
            "HTTP/1.1 200 OK",
            "\r\n",
            "\n",
            "\r\n\r\n",
            "Content-Length: ",
            "-5",
            "99999999999999999999",
            "Transfer-Encoding: chunked",
            "0",
            ":",
            " ",
            "\u0000",
            "\u00ff"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i >= 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        try (FakeServer server = FakeServer.onTcp(FakeServer.saying(text.toString()))) {
            assertThatNoException().isThrownBy(() -> HttpProbe.ask(server.address(), PAGE));
        }
    }

    @Test
    void connectingIsEnoughForTcp() throws Exception {
        InetSocketAddress address;
        try (FakeServer server = FakeServer.onTcp(connection -> {})) {
            address = (InetSocketAddress) server.address();
            ProbeAnswer answer = TcpProbe.ask(address, 20_000);
            assertThat(answer.well()).isTrue();
            assertThat(answer.words()).matches("connect to 127\\.0\\.0\\.1:\\d+: accepted after \\d+ ms");
        }
        assertThat(TcpProbe.ask(address, 20_000))
                .isEqualTo(ProbeAnswer.ill("connect to 127.0.0.1:" + address.getPort()
                        + ": connection refused, nothing listens on 127.0.0.1:" + address.getPort()));
    }

    @Test
    void addressesAreWrittenAsInTheFile() throws Exception {
        assertThat(TcpProbe.text(new InetSocketAddress(InetAddress.getByName("::1"), 80)))
                .isEqualTo("[0:0:0:0:0:0:0:1]:80");
        assertThat(TcpProbe.text(UnixDomainSocketAddress.of("/run/api.sock"))).isEqualTo("/run/api.sock");
    }
}
