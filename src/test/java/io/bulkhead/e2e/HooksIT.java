package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Commands that run when something happens to an app. */
class HooksIT {

    private static final String GREEDY = "command: {shell: \"echo begins; x=a; while :; do x=$x$x; done\"}";

    private static String events(Sandbox sandbox) throws Exception {
        return sandbox.run("events", "-n", "1000").ok().out();
    }

    /** The apps die at once, which {@code up} says with its exit code. */
    private static void up(Sandbox sandbox, String yaml) throws Exception {
        sandbox.write("bulkhead.yaml", yaml);
        sandbox.run("up", "-d").exits(1);
    }

    @Test
    void onOomRunsAsTheAppsUserWithItsEnvironmentAndTheFactsBesideTheReplacement() throws Exception {
        assumeThat(ProcessHandle.current().info().user()).contains("root");
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      worker:
                        %s
                        memory: 16M
                        user: nobody
                        working_dir: /tmp
                        environment: {MINE: yes, BULKHEAD_NOISE: none}
                        log: {timestamps: true}
                        hooks:
                          on_oom: {shell: "echo user $(id -un) in $(pwd) mine $MINE; env | grep ^BULKHEAD | sort"}
                    """.formatted(GREEDY));
            eventually("the hook has run", () -> events(sandbox).contains("worker: on_oom ended well after"));
            String logs = sandbox.run("logs", "worker", "-n", "200").ok().out();
            assertThat(logs)
                    .containsPattern("Z \\[on_oom] user nobody in /tmp mine yes")
                    .contains(
                            "[on_oom] BULKHEAD_APP=worker",
                            "[on_oom] BULKHEAD_CAUSE=oom",
                            "[on_oom] BULKHEAD_HOOK=on_oom",
                            "[on_oom] BULKHEAD_EXIT_SIGNAL=SIGKILL")
                    .containsPattern("\\[on_oom] BULKHEAD_OLD_PID=[1-9][0-9]+\n");
            assertThat(logs.lines().filter(line -> line.endsWith("begins")))
                    .as("the app's own lines are not marked")
                    .isNotEmpty()
                    .noneMatch(line -> line.contains("[on_oom]"));
        }
    }

    @Test
    void aHookThatNeverEndsIsKilledWithItsTreeAtItsTimeoutAndNothingWaitsForIt() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path pids = sandbox.home.resolve("pids");
            up(sandbox, """
                    apps:
                      job:
                        %s
                        memory: 16M
                        backoff: {first: 100ms, max: 200ms}
                        hook_timeout: 2s
                        hooks: {on_oom: {shell: "setsid sleep 1000 & echo $! >> %s; echo waits for ever; sleep 1000"}}
                    """.formatted(GREEDY, pids));
            eventually(
                    "it is killed",
                    () -> events(sandbox).contains("on_oom failed: did not end within 2s and was killed"));
            for (String pid : Files.readAllLines(pids)) {
                eventually("what the hook left is gone", () -> !alive(Long.parseLong(pid)) || Files.size(pids) > 8);
            }
            assertThat(((Number) sandbox.instance("job", 0).get("restarts")).intValue())
                    .as("the app was started again while the hook ran")
                    .isGreaterThan(2);
            assertThat(events(sandbox)).contains("on_oom failed: not run again: the one before still runs");
            assertThat(sandbox.run("events", "--json").ok().out()).contains("\"lines\":[\"waits for ever\"]");
        }
    }

    @Test
    void aHookThatCannotRunOrFailsIsToldWithWhatToDo() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            up(sandbox, """
                    apps:
                      missing: {%1$s, memory: 16M, restart: never, hooks: {on_oom: no-such-program --now}}
                      failing: {%1$s, memory: 16M, restart: never, hooks: {on_oom: {shell: "echo so sad >&2; exit 3"}}}
                      noshell: {%1$s, memory: 16M, restart: never, hooks: {on_oom: [echo, "$HOME;", "two  words"]}}
                    """.formatted(GREEDY));
            eventually(
                    "all three are told",
                    () -> events(sandbox).contains("missing: on_oom failed: no-such-program: not found in PATH=")
                            && events(sandbox).contains("failing: on_oom failed: exited with code 3")
                            && events(sandbox).contains("noshell: on_oom ended well"));
            assertThat(sandbox.run("events", "--json").ok().out()).contains("\"lines\":[\"so sad\"]");
            assertThat(sandbox.run("logs", "noshell").ok().out()).contains("[on_oom] $HOME; two  words");
        }
    }

    @Test
    void aShutdownEndsAHookThatRuns() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path pid = sandbox.home.resolve("pid");
            up(sandbox, """
                    apps:
                      job: {%s, memory: 16M, restart: never, hooks: {on_oom: {shell: "echo $$$$ > %s; sleep 1000"}}}
                    """.formatted(GREEDY, pid));
            eventually("the hook runs", () -> Files.exists(pid) && Files.size(pid) > 1);
            sandbox.run("shutdown").ok();
            assertThat(alive(Long.parseLong(Files.readString(pid).strip()))).isFalse();
            try (var left = Files.list(sandbox.home.resolve("run/c"))) {
                assertThat(left.filter(Files::isDirectory)).as("compartments").isEmpty();
            }
        }
    }

    @Test
    void everyHookRunsInItsPlace() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path order = sandbox.home.resolve("order");
            String hook = "%s: {shell: \"echo $BULKHEAD_HOOK $BULKHEAD_CAUSE >> " + order + "\"}";
            StringBuilder hooks = new StringBuilder();
            for (String name :
                    new String[] {"before_rollout", "pre_start", "post_start", "pre_stop", "post_stop", "post_restart"
                    }) {
                hooks.append(hooks.isEmpty() ? "" : ", ").append(hook.formatted(name));
            }
            sandbox.up("""
                    apps:
                      worker:
                        command: {shell: "echo program >> %s; exec sleep 1000"}
                        ready: 100ms
                        hooks: {%s}
                    """.formatted(order, hooks));
            eventually("post_start", () -> Files.readString(order).contains("post_start"));
            assertThat(Files.readAllLines(order))
                    .containsExactly("before_rollout start", "pre_start start", "program", "post_start start");
            sandbox.run("restart", "worker").ok();
            eventually("post_restart", () -> Files.readString(order).contains("post_restart"));
            assertThat(Files.readAllLines(order).subList(4, 8))
                    .as("stop before start: no two at once")
                    .containsSubsequence("pre_stop restart", "pre_start restart", "program");
            eventually("post_stop", () -> Files.readString(order).contains("post_stop"));
        }
    }

    @Test
    void aHookBeforeTheStartThatNeverEndsStopsTheStart() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", """
                    apps:
                      worker:
                        command: {shell: "echo program; exec sleep 1000"}
                        restart: never
                        hook_timeout: 1s
                        hooks: {pre_start: {shell: "echo waits; sleep 1000"}}
                    """);
            sandbox.run("up", "-d");
            eventually(
                    "it is told",
                    () -> events(sandbox).contains("pre_start failed: did not end within 1s and was killed"));
            assertThat(sandbox.run("logs", "worker").ok().out()).doesNotContain("program");
            assertThat(sandbox.instance("worker", 0).get("pid")).isNull();
        }
    }
}
