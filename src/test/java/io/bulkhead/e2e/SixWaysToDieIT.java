package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Who killed it: each way to die has its own verdict, as `why` tells it. That the host runs dry is tried in the guest. */
class SixWaysToDieIT {

    private static final String EAT = "x=a; while :; do x=$x$x; done";

    @SuppressWarnings("unchecked")
    private static Map<String, Object> incident(Sandbox sandbox, String app) throws Exception {
        Object why = Json.read(sandbox.run("why", app, "--json").ok().out());
        return why == null ? Map.of() : (Map<String, Object>) why;
    }

    private static void awaitIncident(Sandbox sandbox, String app) {
        eventually(app + " has an incident", () -> incident(sandbox, app).containsKey("cause"));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> lastExit(Sandbox sandbox, String app) throws Exception {
        return (Map<String, Object>) sandbox.instance(app, 0).get("last_exit");
    }

    /** As one long line: where it breaks is the terminal's business. */
    private static String why(Sandbox sandbox, String app) throws Exception {
        return sandbox.run("why", app).ok().out().replaceAll("\\s+", " ");
    }

    private static void up(Sandbox sandbox, String yaml) throws Exception {
        sandbox.write("bulkhead.yaml", yaml);
        assertThat(sandbox.run("up", "-d").exit())
                .as("some of them die before they are ready")
                .isBetween(0, 1);
    }

    private static boolean kernelLogReadable() {
        return Files.isReadable(Path.of("/dev/kmsg"));
    }

    @Test
    void itsOwnLimitAPersonASegfaultAndExit137() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      limit: {command: {shell: "echo before; sleep 0.3; %s"}, memory: 16M, restart: never}
                      person: {command: sleep 100000, restart: never}
                      segfault: {command: {shell: "echo about to crash; kill -SEGV $$$$"}, restart: never}
                      exit137: {command: {shell: "echo so long; exit 137"}, restart: never}
                    """.formatted(EAT));
            kill(sandbox.pid("person"), "KILL");
            List.of("limit", "person", "segfault", "exit137").forEach(app -> awaitIncident(sandbox, app));

            assertThat(lastExit(sandbox, "limit"))
                    .containsEntry("cause", "oom-limit")
                    .containsEntry("signal", "SIGKILL");
            String limit = why(sandbox, "limit");
            assertThat(limit)
                    .contains("limit: killed by the kernel at its limit of 16 MiB; stays down: restart: never")
                    .contains("the kernel's counter of kills in its compartment rose by 1")
                    .contains("memory: peak 1", "limit 16 MiB")
                    .contains("Last lines of its output | before Advice")
                    .contains("write `memory: 32M`");
            if (kernelLogReadable()) {
                assertThat(limit)
                        .containsPattern("the kernel chose sh \\(the program itself\\), which held [0-9.]+ MiB")
                        .containsPattern(
                                "kernel: oom-kill:constraint=CONSTRAINT_MEMCG|kernel: Memory cgroup out of memory");
            }

            assertThat(lastExit(sandbox, "person")).containsEntry("cause", "killed-by-other");
            assertThat(why(sandbox, "person"))
                    .contains("killed with SIGKILL by somebody else: not by Bulkhead, and not by the kernel for memory")
                    .contains("the kernel killed nothing in its compartment, and Bulkhead sent no signal")
                    .contains("who was logged in");

            assertThat(lastExit(sandbox, "segfault"))
                    .containsEntry("cause", "signal")
                    .containsEntry("signal", "SIGSEGV");
            assertThat(why(sandbox, "segfault"))
                    .contains("ended by SIGSEGV (segmentation fault)", "| about to crash", "native code");

            assertThat(lastExit(sandbox, "exit137")).containsEntry("cause", "exited");
            assertThat(((Number) lastExit(sandbox, "exit137").get("code")).intValue())
                    .isEqualTo(137);
            assertThat(why(sandbox, "exit137"))
                    .contains("exited with code 137 by itself: nobody killed it", "| so long", "what a shell says");

            String all = sandbox.run("incidents").ok().out();
            assertThat(all).contains("oom-limit", "killed-by-other", "signal", "exited");
            assertThat(sandbox.run("events").ok().out()).contains("ended by SIGSEGV (segmentation fault)");
        }
    }

    @Test
    void v8RunsOutOfHeapBeforeTheKernelHasTo() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      heap:
                        command: [node, --max-old-space-size=30, -e, "const a = []; for (;;) a.push(new Array(1000).fill(a.length))"]
                        memory: 512M
                        restart: never
                        node: {heap: "off", drain: "off", leak_profile: "off"}
                    """);
            awaitIncident(sandbox, "heap");
            assertThat(lastExit(sandbox, "heap")).containsEntry("cause", "heap-limit");
            assertThat(why(sandbox, "heap"))
                    .contains("V8 ran out of heap (JavaScript heap out of memory) and aborted")
                    .contains("V8 said:", "JavaScript heap out of memory")
                    .contains("its own --max-old-space-size is lower than what it needs");
        }
    }

    @Test
    void aCrashLoopTellsTheLastLinesOfItsLastRunOnlyAndNothingTwice() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      loop:
                        command: {shell: "n=$$(cat n 2>/dev/null || echo 0); n=$$((n + 1)); echo $$n > n; echo run number $$n; exit 1"}
                        working_dir: %s
                        backoff: {first: 10ms, max: 20ms}
                    """.formatted(sandbox.home));
            eventually(
                    "it has crashed ten times",
                    () -> sandbox.run("why", "loop").out().contains("times in a row"));
            eventually(
                    "the lines are those of one run",
                    () -> sandbox.run("why", "loop").out().contains("run number 10"));
            String why = sandbox.run("why", "loop").ok().out();
            assertThat(why.lines().filter(line -> line.contains("run number"))).hasSize(1);
            assertThat(why)
                    .contains("loop: exited with code 1; failed 10 times in a row; tried again every 5m")
                    .doesNotContain("(10 times)");
        }
    }

    @Test
    void aChildThatTheKernelKillsTakesTheRestAlong() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      pool:
                        command: {shell: "(sleep 1.3; %s) & while :; do sleep 0.1; done"}
                        memory: 16M
                        memory_drain: off
                        hooks: {on_oom: {shell: "echo the hook ran"}}
                    """.formatted(EAT));
            long first = sandbox.pid("pool");
            eventually(
                    "it is told",
                    () -> sandbox.run("events").out().contains("the rest of its tree is ended (oom_kill: group)"));
            eventually(
                    "it runs again",
                    () -> sandbox.instance("pool", 0).get("pid") instanceof Number now && now.longValue() != first);
            assertThat(sandbox.run("events").ok().out())
                    .containsPattern("the kernel killed a process of its tree( \\(.+\\))? at its limit of 16 MiB");
            awaitIncident(sandbox, "pool");
            assertThat(incident(sandbox, "pool")).containsEntry("cause", "oom-limit");
            assertThat((String) incident(sandbox, "pool").get("summary"))
                    .contains("of its tree", "at its limit of 16 MiB");
            eventually("the hook ran", () -> sandbox.run("logs", "pool").out().contains("[on_oom] the hook ran"));
        }
    }

    @Test
    void withOomKillProcessAChildMayDieAndTheAppGoesOn() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      pool:
                        command: {shell: "(sleep 1.3; %s) & while :; do sleep 0.1; done"}
                        memory: 16M
                        memory_drain: off
                        oom_kill: process
                        hooks: {on_oom: {shell: "echo the hook ran"}}
                    """.formatted(EAT));
            long first = sandbox.pid("pool");
            eventually("it is told", () -> sandbox.run("events").out().contains("it goes on (oom_kill: process)"));
            eventually("the hook ran", () -> sandbox.run("logs", "pool").out().contains("[on_oom] the hook ran"));
            assertThat(sandbox.pid("pool")).isEqualTo(first);
            kill(first, "KILL");
            awaitIncident(sandbox, "pool");
            assertThat(incident(sandbox, "pool"))
                    .as("the child's death is told; this one is another")
                    .containsEntry("cause", "killed-by-other");
        }
    }
}
