package io.bulkhead.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes come, the reader ends with requests or a refusal, and gives its memory back. A failing seed replays. */
@Timeout(120)
class HttpFuzzTest {

    private static final String[] SEEDS = {
        "GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n",
        "POST /v1/apps/api/start HTTP/1.1\r\nContent-Length: 14\r\n\r\n{\"wait\":false}",
        "POST /v1/apply HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n2\r\n1}\r\n0\r\n\r\n",
        "GET /v1/events?after=3&follow=0 HTTP/1.1\r\nLast-Event-ID: 7\r\nConnection: keep-alive\r\n\r\n",
    };

    private static final Control.Peer PEER = new Control.Peer("somebody", false);

    @Test
    void theReaderTakesAnything() {
        int requests = 0;
        int refusals = 0;
        for (long seed = 0; seed < 100_000; seed++) {
            byte[] bytes = mutated(new Random(seed));
            Semaphore budget = new Semaphore(HttpLimits.DEFAULT.bodyBytesTogether());
            ByteArrayInputStream in = new ByteArrayInputStream(bytes);
            RequestReader reader = new RequestReader(in, new ByteArrayOutputStream(), HttpLimits.DEFAULT, budget, PEER);
            try {
                for (Optional<HttpRequest> next = reader.next(); next.isPresent(); next = reader.next()) {
                    requests++;
                    reader.release();
                }
            } catch (HttpRefusal e) {
                refusals++;
                assertThat(e.status()).as("seed %d", seed).isBetween(400, 505);
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            reader.release();
            assertThat(budget.availablePermits()).as("seed %d", seed).isEqualTo(HttpLimits.DEFAULT.bodyBytesTogether());
        }
        assertThat(requests).isGreaterThan(10_000);
        assertThat(refusals).isGreaterThan(10_000);
    }

    @Test
    void theServerOutlivesAnything(@TempDir Path folder) throws IOException {
        Path socket = folder.resolve("b.sock");
        FakeControl control = new FakeControl();
        try (HttpServer server = HttpServer.start(socket, new Routes(control), HttpLimits.DEFAULT)) {
            long before = 0;
            for (long seed = 0; seed < 4000; seed++) {
                Random random = new Random(seed);
                try (Wire wire = new Wire(socket)) {
                    wire.send(mutated(random));
                    if (random.nextInt(4) > 0) {
                        wire.end();
                    }
                } catch (IOException e) {
                    // Refused in the middle of what we wrote: its right.
                }
                if (seed == 1000) {
                    before = usedAfterCollection();
                }
            }
            await().untilAsserted(() -> assertThat(server.connections()).isZero());
            assertThat(usedAfterCollection() - before).isLessThan(4 << 20);
            try (Reply reply = new Client(socket).get("/v1/status")) {
                assertThat(reply.status()).isEqualTo(200);
            }
        }
    }

    private static byte[] mutated(Random random) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(4000)];
            random.nextBytes(noise);
            return noise;
        }
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(3); i >= 0; i--) {
            text.append(SEEDS[random.nextInt(SEEDS.length)]);
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
        for (int i = random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt(256);
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> bytes = java.util.Arrays.copyOf(bytes, Math.max(1, at));
                default -> bytes = insert(bytes, at, random);
            }
        }
        return bytes;
    }

    private static byte[] insert(byte[] bytes, int at, Random random) {
        String[] tokens = {
            "\r\n", "\r", "\n", ":", " ", "%", "%25", "999999999999", "0\r\n\r\n", "?", "&", "\u0000", "a".repeat(9000)
        };
        byte[] token = tokens[random.nextInt(tokens.length)].getBytes(StandardCharsets.ISO_8859_1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(bytes, 0, at);
        out.writeBytes(token);
        out.write(bytes, at, bytes.length - at);
        return out.toByteArray();
    }

    private static long usedAfterCollection() {
        Runtime runtime = Runtime.getRuntime();
        long least = Long.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            System.gc();
            least = Math.min(least, runtime.totalMemory() - runtime.freeMemory());
        }
        return least;
    }
}
