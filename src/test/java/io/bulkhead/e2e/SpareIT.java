package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The process that waits behind each program to replace it at once. */
class SpareIT {

    private static final String APP = """
            apps:
              api:
                command: sleep 1000
                memory: 64M
                memory_drain: off
                backoff: {reset_after: 1s}
            """;

    /** Waiting children of the app's keeper. */
    private static List<Long> spares(Sandbox sandbox) throws Exception {
        Object keeper = sandbox.instance("api", 0).get("keeper_pid");
        List<Long> spares = new ArrayList<>();
        if (keeper instanceof Number pid) {
            for (ProcessHandle child :
                    ProcessHandle.of(pid.longValue()).orElseThrow().children().toList()) {
                if (read(child.pid(), "cmdline").contains("\0bulkhead-spare\0")) {
                    spares.add(child.pid());
                }
            }
        }
        return spares;
    }

    private static String read(long pid, String file) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/" + file), StandardCharsets.ISO_8859_1);
        } catch (IOException gone) {
            return "";
        }
    }

    private static long onlySpare(Sandbox sandbox) throws Exception {
        eventually("one spare waits", () -> spares(sandbox).size() == 1);
        return spares(sandbox).getFirst();
    }

    private static void becomesTheProgram(Sandbox sandbox, long spare) throws Exception {
        kill(sandbox.pid("api"), "KILL");
        eventually("the spare is the program", () -> read(spare, "comm").equals("sleep\n"));
        eventually("it is shown", () -> sandbox.pid("api") == spare);
        Map<String, Object> instance = sandbox.instance("api", 0);
        assertThat(read(spare, "environ"))
                .contains("\0BULKHEAD_RUN=" + instance.get("run") + "\0", "\0BULKHEAD_CAUSE=crash\0");
        assertThat((String) ((Map<?, ?>) instance.get("last_exit")).get("detail"))
                .doesNotContain("left");
    }

    @Test
    void replacesACrashedProgramAndIsReplacedItself() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long first = onlySpare(sandbox);
            becomesTheProgram(sandbox, first);
            eventually(
                    "another waits",
                    () -> spares(sandbox).size() == 1 && spares(sandbox).getFirst() != first);
        }
    }

    @Test
    void endsWithAStop() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long spare = onlySpare(sandbox);
            sandbox.run("stop", "api").ok();
            eventually("it is gone", () -> !alive(spare));
        }
    }

    @Test
    void aKilledOneHarmsNothing() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long program = sandbox.pid("api");
            long spare = onlySpare(sandbox);
            kill(spare, "KILL");
            eventually("it is buried", () -> !Files.exists(Path.of("/proc/" + spare)));
            assertThat(sandbox.pid("api")).isEqualTo(program);
            kill(program, "KILL");
            eventually(
                    "the program is replaced all the same",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid && pid.longValue() != program);
        }
    }

    @Test
    void endsWithItsDaemonAndTheNextOneMakesItsOwn() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long program = sandbox.pid("api");
            long spare = onlySpare(sandbox);
            Map<?, ?> daemon =
                    (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
            kill(((Number) daemon.get("pid")).longValue(), "KILL");
            eventually("it is gone", () -> !alive(spare));
            assertThat(alive(program)).isTrue();

            sandbox.run("up", "-d", "-f", sandbox.home.resolve("bulkhead.yaml").toString())
                    .ok();
            assertThat(sandbox.pid("api")).isEqualTo(program);
            eventually("what is left of it is buried", () -> !Files.exists(Path.of("/proc/" + spare)));
            becomesTheProgram(sandbox, onlySpare(sandbox));
        }
    }
}
