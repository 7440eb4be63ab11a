package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process of the app's may answer anything, for ever, or not at all. */
class RunSocketTest {

    private interface Answer {
        void to(SocketChannel client) throws IOException;
    }

    @TempDir
    Path folder;

    private Optional<Doc> ask(Answer answer, long millis) throws IOException {
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(folder.resolve("1")));
            Thread.ofVirtual().start(() -> {
                try (SocketChannel client = server.accept()) {
                    client.read(ByteBuffer.allocate(64));
                    answer.to(client);
                } catch (IOException clientLeft) {
                    return;
                }
            });
            return RunSocket.ask(folder, 1, "heap", millis);
        }
    }

    private static void write(SocketChannel client, String text) throws IOException {
        client.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void anAnswerIsRead() throws IOException {
        assertThat(ask(client -> write(client, "{\"heap_used\": 5}\n"), 10_000)
                        .orElse(Doc.EMPTY)
                        .number("heap_used", 0))
                .isEqualTo(5);
    }

    @Test
    void anEndlessAnswerIsCutOff() throws IOException {
        assertThat(ask(
                        client -> {
                            while (true) {
                                write(client, "[".repeat(1000));
                            }
                        },
                        60_000))
                .isEmpty();
    }

    @Test
    void whoNeverAnswersIsNotWaitedFor() throws IOException {
        assertThat(ask(client -> client.read(ByteBuffer.allocate(1 << 16)), 100))
                .isEmpty();
        assertThat(RunSocket.ask(folder, 2, "heap", 100)).as("nobody there").isEmpty();
    }

    @Test
    void nonsenseAndErrorsAreNoAnswers() throws IOException {
        assertThat(ask(client -> write(client, "Segmentation fault"), 10_000)).isEmpty();
    }

    @Test
    void whatAProfileSaysIsCleanedAndBounded() {
        Doc hostile = new Doc(java.util.Map.of(
                "alive",
                100L << 20,
                "functions",
                java.util.List.of(java.util.Map.of(
                        "name", "evil\n\u001b[2J", "file", "x".repeat(5_000), "line", 7, "bytes", 50L << 20))));
        String line = LeakProfile.lines(hostile).getFirst();
        assertThat(line)
                .startsWith("evil??[2J, xxx")
                .endsWith(":7: 50 MiB of 100 MiB still alive")
                .hasSizeLessThan(400);
    }
}
