package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class StatusViewTest {

    private static final String STATUS = """
            {"daemon": {"pid": 311, "version": "0.1.0", "started": "2026-11-21T20:00:00Z", "memory_bytes": 47185920},
             "host": {"memory_bytes": 2147483648, "available_bytes": 1258291200, "reserve_bytes": 0},
             "apps": [
              {"name": "api", "state": "up", "memory_limit_bytes": 536870912, "instances": [
               {"index": 0, "state": "ready", "pid": 4711, "uptime_seconds": 190, "restarts": 0, "memory_bytes": 63963136, "cpu_percent": 2.1, "memory_enforcement": "kernel"},
               {"index": 1, "state": "draining", "pid": 4712, "uptime_seconds": 8040, "restarts": 1, "memory_bytes": 500000000, "cpu_percent": 0.0, "memory_enforcement": "kernel"}]},
              {"name": "漢字", "state": "down", "memory_limit_bytes": 134217728, "instances": [
               {"index": 0, "state": "backoff", "reason": "crashed 3 times,\\u001b[2J next try in 2s", "pid": null, "restarts": 3, "memory_enforcement": "sampled",
                "last_exit": {"time": "2026-11-21T23:00:00Z", "cause": "oom-limit", "signal": "SIGKILL"}}]},
              {"name": "job", "state": "completed", "memory_limit_bytes": null, "instances": [
               {"index": 0, "state": "completed", "pid": null, "restarts": 0, "last_exit": {"time": "2026-11-21T22:59:00Z", "cause": "exited", "code": 3}}]}]}
            """;

    private static final long NOW = Words.epochSeconds("2026-11-21T23:00:10Z");

    @Test
    void inAPipeItIsPlainText() throws Exception {
        assertThat(print(STATUS, false, 0)).isEqualTo("""
                        bulkhead 0.1.0, pid 311, up 3h, 45M; host: 1.2G of 2G available
                        app   inst  state       pid  uptime  restarts  memory      cpu  last exit
                        api      0  ready      4711   3m10s         0  61M/512M   2.1%
                        api      1  draining   4712   2h14m         1  477M/512M    0%
                        漢字     0  backoff       -       -         3  -             -  oom-limit 10s ago
                        job      0  completed     -       -         0  -             -  exited 3 1m10s ago
                        漢字: crashed 3 times,\\x1b[2J next try in 2s
                        漢字: its memory limit is sampled, not enforced by the kernel (bulkhead doctor says why)
                        """);
    }

    @Test
    void onATerminalItHasBarsAndColours() throws Exception {
        String text = print(STATUS, true, 120);
        assertThat(text)
                .contains("\u001b[32mready\u001b[0m")
                .contains("\u001b[33mdraining\u001b[0m")
                .contains("\u001b[32m█░░░░░░░\u001b[0m 61M/512M")
                .contains("\u001b[31m███████▌\u001b[0m 477M/512M");
    }

    @Test
    void aNarrowTerminalLosesColumnsAndIsNeverExceeded() throws Exception {
        String wide = print(STATUS, true, 100);
        assertThat(wide).contains("last exit");
        for (int columns = 12; columns < 110; columns++) {
            int line = 0;
            for (String each : print(STATUS, true, columns).split("\n")) {
                if (line++ < 6) {
                    assertThat(Text.width(each))
                            .as("%d columns: %s", columns, each)
                            .isLessThanOrEqualTo(columns);
                }
            }
        }
        assertThat(print(STATUS, true, 40)).contains("state", "memory").doesNotContain("last exit", "restarts", "4711");
    }

    @Test
    void withoutAppsItSaysWhatToDo() throws Exception {
        assertThat(print("{\"daemon\": {}, \"apps\": []}", false, 0)).contains("bulkhead init");
    }

    @Test
    void aDocumentOfAnotherVersionIsShownAsFarAsItGoes() throws Exception {
        assertThat(print("{\"apps\": [{\"name\": \"x\"}, {\"instances\": [{}]}, 3]}", false, 0))
                .contains("x");
    }

    private static String print(String status, boolean terminal, int columns) throws JsonException, IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Screen screen = new Screen(out, terminal, terminal, true, columns);
        new StatusView(screen, NOW).print(Doc.of(Json.read(status)));
        screen.flush();
        return out.toString(StandardCharsets.UTF_8);
    }
}
