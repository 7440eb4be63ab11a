package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bulkhead logs --daemon}. */
class DaemonLogTest {

    @TempDir
    Path folder;

    @Test
    void itsLinesAreFollowedAlsoIntoTheNextFile() throws Exception {
        DaemonLog log = new DaemonLog(folder.resolve("bulkhead.log"), false);
        log.info("one");
        log.info("two");
        log.info("three");
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Thread follower = Thread.ofVirtual().start(() -> write(log, Map.of("n", "2", "follow", "1"), out));
        await().until(() -> text(out).contains("three"));
        assertThat(text(out)).contains("two").doesNotContain("one");

        log.warn("four");
        await().until(() -> text(out).contains("warning four\n"));
        log.info("x".repeat(1 << 20));
        log.info("after");
        log.info("the last");
        await().until(() -> text(out).endsWith("the last\n"));
        assertThat(text(out)).contains("xxx\n", "info after\n");
        try (var files = Files.list(folder)) {
            assertThat(files).as("one former file").hasSize(2);
        }
        follower.interrupt();
        assertThat(follower.join(java.time.Duration.ofSeconds(20))).isTrue();
    }

    @Test
    void whatIsOlderOrDoesNotMatchIsLeftOut() throws Exception {
        Path file = folder.resolve("bulkhead.log");
        Files.writeString(
                file, "2020-01-01T00:00:00.001Z info old\n2030-01-01T00:00:00.001Z bug new\n\tat its stack\n");
        DaemonLog log = new DaemonLog(file, false);
        assertThat(said(log, Map.of("since", "10m"))).isEqualTo("2030-01-01T00:00:00.001Z bug new\n\tat its stack\n");
        assertThat(said(log, Map.of("grep", "ol."))).endsWith("info old\n").hasLineCount(1);
        assertThat(said(log, Map.of("n", "1"))).isEqualTo("\tat its stack\n");
        assertThat(said(new DaemonLog(folder.resolve("none.log"), false), Map.of()))
                .isEmpty();
    }

    private static String said(DaemonLog log, Map<String, String> query) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(log, query, out);
        return text(out);
    }

    private static void write(DaemonLog log, Map<String, String> query, ByteArrayOutputStream out) {
        try {
            new LogAnswers(new AppLogs(Path.of("/"), null), log).writeDaemons(query, out);
        } catch (IOException | io.bulkhead.api.ApiException failed) {
            throw new AssertionError(failed);
        }
    }

    private static String text(ByteArrayOutputStream out) {
        return out.toString(StandardCharsets.UTF_8);
    }
}
