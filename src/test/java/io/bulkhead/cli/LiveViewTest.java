package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.bulkhead.api.Doc;
import io.bulkhead.api.FakeControl;
import io.bulkhead.api.HttpLimits;
import io.bulkhead.api.HttpServer;
import io.bulkhead.api.Routes;
import io.bulkhead.json.Json;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class LiveViewTest {

    @TempDir
    Path folder;

    private final FakeControl control = new FakeControl();
    private Shell shell;
    private Home home;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        shell = new Shell(folder);
        home = Home.at(folder.resolve("h"));
        Files.createDirectories(home.run());
        server = HttpServer.start(home.socket(), new Routes(control), HttpLimits.DEFAULT);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    @Test
    void inAPipeLinesHaveNamesBeforeThemAndNothingIsRedrawn() {
        try (LiveView view = LiveView.start(options(false), shell.caller(shell.out), () -> 0)) {
            await().untilAsserted(() -> assertThat(shell.out()).contains("worker/0 | hello from worker\n"));
            control.happen(
                    "instance.exited", "worker", "killed by the kernel at its limit of 128 MiB; restarted at once");
            await().untilAsserted(() -> assertThat(shell.out())
                    .contains("bulkhead | worker: killed by the kernel at its limit of 128 MiB; restarted at once\n"));
            view.say("stopping everything");
            assertThat(shell.out()).endsWith("bulkhead | stopping everything\n").doesNotContain("\u001b", "restarts");
        }
    }

    @Test
    void onATerminalTheStatusStaysBelowTheLines() {
        shell.terminal = true;
        LiveView view = LiveView.start(options(true), shell.caller(shell.out), () -> 100);
        await().untilAsserted(() -> assertThat(screen()).anyMatch(line -> line.contains("hello from worker")));
        for (int i = 0; i < 30; i++) {
            control.coming.add("api/0| line " + i + " \u001b[31mred");
        }
        await().untilAsserted(() -> assertThat(screen()).anyMatch(line -> line.contains("line 29")));
        List<String> rows = screen();
        int rule = indexOf(rows, "────");
        assertThat(indexOf(rows, "line 0 ")).isLessThan(indexOf(rows, "line 29"));
        assertThat(rule).isGreaterThan(indexOf(rows, "line 29"));
        assertThat(rows.subList(rule + 1, rows.size()).stream().filter(row -> !row.isBlank()))
                .hasSize(3)
                .anyMatch(row -> row.startsWith("api ") && row.contains("ready"))
                .anyMatch(row -> row.startsWith("worker ") && row.contains("backoff"));
        view.close();
        assertThat(screen().stream().filter(row -> row.contains("────") || row.contains("restarts")))
                .isEmpty();
    }

    @Test
    void inATerminalThatWasMadeNarrowerTheFoldedRowsAreTakenAwayToo() throws Exception {
        shell.terminal = true;
        int[] columns = {100};
        LivePane pane = new LivePane(shell.caller(shell.out), false, () -> columns[0]);
        pane.status(
                Doc.of(Json.readTrusted("{\"apps\": [{\"name\": \"api\", \"state\": \"up\", \"instances\": []}]}")));
        pane.draw();
        String drawn = shell.out();
        assertThat(drawn.lines().filter(line -> line.length() > 50)).hasSize(1); // the rule
        columns[0] = 50;
        pane.close();
        long rows = drawn.lines().count() + 1;
        assertThat(shell.out().substring(drawn.length())).startsWith("\u001b[" + rows + "A");
    }

    /** The thread that starts the view is the one that will answer later: asking on it would wait for ever. */
    @Test
    void startingDoesNotWaitForAnAnswer() throws IOException {
        server.close();
        try (ServerSocketChannel silent = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            silent.bind(UnixDomainSocketAddress.of(home.socket()));
            LiveView view = assertTimeoutPreemptively(
                    Duration.ofSeconds(20), () -> LiveView.start(options(false), shell.caller(shell.out), () -> 0));
            assertThat(view).isNotNull();
        }
    }

    @Test
    void aFloodIsCountedNotKept() {
        shell.terminal = true;
        LivePane pane = new LivePane(shell.caller(shell.out), true, () -> 80);
        for (int i = 0; i < 200_000; i++) {
            pane.log("api/0| some line of output that nobody can read");
        }
        pane.close();
        assertThat(shell.out.size()).isLessThan(400 << 10);
        assertThat(shell.out()).contains("lines too fast for this terminal");
    }

    private DaemonOptions options(boolean colour) {
        return new DaemonOptions(home.config(), false, home, true, false, false, false, Set.of(), colour);
    }

    /** What a terminal would show: understands the few sequences that the view uses. */
    private List<String> screen() {
        List<StringBuilder> rows = new ArrayList<>(List.of(new StringBuilder()));
        int row = 0;
        String text = shell.out();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '\n') {
                row++;
                while (rows.size() <= row) {
                    rows.add(new StringBuilder());
                }
            } else if (c == '\r') {
                rows.get(row).setLength(0);
            } else if (c == 0x1b) {
                int end = i + 2;
                while (!Character.isLetter(text.charAt(end))) {
                    end++;
                }
                String number = text.substring(i + 2, end);
                switch (text.charAt(end)) {
                    case 'A' -> row -= Integer.parseInt(number);
                    case 'J' -> {
                        rows.subList(row, rows.size()).clear();
                        rows.add(new StringBuilder());
                    }
                    case 'm' -> {}
                    default -> throw new AssertionError("unknown sequence " + text.substring(i + 1, end + 1));
                }
                i = end;
            } else {
                rows.get(row).append(c);
            }
        }
        return rows.stream().map(StringBuilder::toString).toList();
    }

    private static int indexOf(List<String> rows, String part) {
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).contains(part)) {
                return i;
            }
        }
        throw new AssertionError("no row with " + part + " in " + rows);
    }
}
