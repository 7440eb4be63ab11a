package io.bulkhead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EventStreamTest {

    @TempDir
    Path folder;

    private final FakeControl control = new FakeControl();
    private Path socket;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        socket = folder.resolve("b.sock");
        server = HttpServer.start(socket, new Routes(control), HttpLimits.DEFAULT);
        for (int i = 1; i <= 5; i++) {
            control.happen("tick", i % 2 == 0 ? "api" : "worker", "tick " + i);
        }
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void aPageOfHistoryIsOneObjectALine() throws Exception {
        assertThat(body("/v1/events?follow=0&after=3").lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("{\"seq\":4,");
        assertThat(body("/v1/events?follow=0&limit=2").lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("{\"seq\":4,");
        assertThat(body("/v1/events?follow=0&app=api&after=0").lines())
                .hasSize(2)
                .first()
                .asString()
                .startsWith("{\"seq\":2,");
    }

    @Test
    void aStreamResumesAfterTheLastIdWithoutGapOrDouble() throws IOException {
        try (Wire wire = new Wire(socket)) {
            wire.send("GET /v1/events HTTP/1.1\r\nLast-Event-ID: 3\r\n\r\n");
            assertThat(wire.until("\r\n\r\n")).contains("Content-Type: text/event-stream");
            assertThat(wire.until("tick 5\"}\n\n"))
                    .contains("id: 4\ndata: {\"seq\":4,")
                    .contains("id: 5\n")
                    .doesNotContain("id: 3\n");
            control.happen("tick", "api", "tick 6");
            assertThat(wire.until("tick 6\"}\n\n")).contains("id: 6\n").doesNotContain("id: 5\n");
        }
    }

    @Test
    void withoutAnIdOnlyWhatComesIsTold() throws IOException {
        try (Wire wire = new Wire(socket)) {
            wire.send("GET /v1/events?format=lines HTTP/1.1\r\n\r\n");
            wire.until("\r\n\r\n");
            await().until(() -> control.followers == 1);
            control.happen("tick", "api", "tick 6");
            assertThat(wire.until("tick 6\"}\n")).doesNotContain("tick 5");
        }
        await().untilAsserted(() -> assertThat(control.followers).isZero());
    }

    @Test
    void theNewestComeFirstWhereAskedFor() throws IOException {
        try (Wire wire = new Wire(socket)) {
            wire.send("GET /v1/events?format=lines&last=2 HTTP/1.1\r\n\r\n");
            assertThat(wire.until("tick 5\"}\n")).contains("tick 4").doesNotContain("tick 3");
        }
    }

    @Test
    void aSlowReaderLosesNothing() throws IOException {
        int many = 20_000;
        try (Reply reply = new Client(socket).get("/v1/events?format=lines&after=5")) {
            await().until(() -> control.followers == 1);
            for (int i = 6; i <= many; i++) {
                control.happen("tick", "api", "tick " + i); // far more than a queue and the socket's buffer hold
            }
            BufferedReader lines = new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8));
            for (int i = 6; i <= many; i++) {
                assertThat(lines.readLine()).startsWith("{\"seq\":" + i + ",");
            }
        }
    }

    private String body(String target) throws Exception {
        try (Reply reply = new Client(socket).get(target)) {
            assertThat(reply.status()).isEqualTo(200);
            return new String(reply.body().readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
