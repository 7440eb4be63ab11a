package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.api.Doc;
import io.bulkhead.json.Json;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class MemoryViewTest {

    private static final String MEMORY = """
            {"host": {"memory_bytes": 2147483648, "available_bytes": 1258291200, "reserve_bytes": 322122547, "outside_bytes": 209715200, "swap_bytes": 0},
             "budget": {"over": false, "sum": ["api: 512M", "= 512M of 1741M: 1229M to spare"]},
             "pools": [{"name": "workers", "memory_bytes": 104857600, "memory_limit_bytes": 1073741824, "apps": ["worker"]}],
             "apps": [
              {"name": "api", "memory_limit_bytes": 536870912, "memory_drain_bytes": 429496729, "memory_buffer_percent": 20, "headroom_percent": 7.4,
               "recommended_bytes": 629145600, "instances": [
               {"index": 0, "memory_bytes": 104857600, "memory_peak_bytes": 500000000, "memory_enforcement": "kernel", "trend": "leak", "trend_bytes_per_hour": 12582912, "limit_in_seconds": 2580}]},
              {"name": "worker", "pool": "workers", "instances": [
               {"index": 0, "memory_bytes": 104857600, "memory_peak_bytes": 104857600, "memory_enforcement": "none", "trend": "growing", "trend_bytes_per_hour": 12582912},
               {"index": 1, "memory_bytes": null, "trend": "too-early"}]}],
             "findings": [{"app": "api", "check": "memory-leak", "severity": "warning", "message": "instance 0 leaks", "evidence": "", "fix": "bulkhead why api"}]}
            """;

    private static String print(boolean terminal) throws Exception {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Screen screen = new Screen(out, terminal, terminal, true, terminal ? 200 : 0);
        MemoryView.print(screen, Doc.of(Json.read(MEMORY)), true);
        screen.flush();
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void inAPipeItIsPlainText() throws Exception {
        assertThat(print(false)).isEqualTo("""
                app     inst  now   peak  limit  drain at  headroom  fits  trend                                kept by  pool
                api        0  100M  477M   512M      410M        7%  600M  +12M/h, reaches the limit in 43 min  kernel
                worker     0  100M  100M      -         -         -     -  +12M/h                               none     workers
                worker     1  -        -      -         -         -     -  -                                    -        workers

                pool     now   limit  apps
                workers  100M     1G  worker

                host: 2G of RAM, 1.2G available, reserve 307M, outside of the apps 200M; no swap
                budget:
                  api: 512M
                  = 512M of 1741M: 1229M to spare

                warning api: instance 0 leaks
                        bulkhead why api
                """);
    }

    @Test
    void onATerminalTheBarShowsTheDrainMark() throws Exception {
        assertThat(print(true)).contains("\u001b[32m█▋░░░░│░\u001b[0m 100M").contains("\u001b[31m+12M/h, reaches");
    }

    @Test
    void aboveTheMarkTheBarIsYellowAndNearTheLimitRed() {
        Screen screen = new Screen(new ByteArrayOutputStream(), true, true, true, 80);
        assertThat(MemoryBar.of(screen, 85, 100, 80)).startsWith("\u001b[33m");
        assertThat(MemoryBar.of(screen, 95, 100, 80)).startsWith("\u001b[31m").contains("███████▋");
        Screen plain = new Screen(new ByteArrayOutputStream(), true, false, false, 80);
        assertThat(MemoryBar.of(plain, 50, 100, 80)).isEqualTo("####..|.");
    }
}
