package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a user does every day, typed as a user would. */
class EverydayIT {

    private static final String TWO_APPS = """
            apps:
              api:
                command: {shell: "trap 'exit 0' TERM; while :; do echo tick; sleep 0.1; done"}
              other:
                command: sleep 100000
            """;

    @Test
    void statusShowsWhatRuns() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            assertThat(sandbox.state("api")).isEqualTo("up");
            assertThat(alive(sandbox.pid("api"))).isTrue();
            assertThat(sandbox.run("status").ok().out()).contains("api", "other", "ready", "" + sandbox.pid("other"));
        }
    }

    @Test
    void aStopHoldsAndTouchesNothingElse() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            long api = sandbox.pid("api");
            long other = sandbox.pid("other");
            sandbox.run("stop", "api").ok();
            assertThat(alive(api)).isFalse();
            assertThat(sandbox.state("api")).isEqualTo("stopped");
            assertThat(sandbox.pid("other")).isEqualTo(other);
            sandbox.run("shutdown").ok();
            sandbox.run("up", "-d").ok();
            assertThat(sandbox.state("api"))
                    .as("a stop holds across a restart of the daemon")
                    .isEqualTo("stopped");
            sandbox.run("start", "api").ok();
            assertThat(sandbox.state("api")).isEqualTo("up");
        }
    }

    @Test
    void restartGivesANewProcess() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            long before = sandbox.pid("api");
            sandbox.run("restart", "api").ok();
            assertThat(sandbox.pid("api")).isNotEqualTo(before);
            assertThat(alive(before)).isFalse();
        }
    }

    @Test
    void aKilledProgramIsReplacedAtOnceAndWhyTellsIt() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            long before = sandbox.pid("other");
            eventually(
                    "the program has lived for a second",
                    () -> ((Number) sandbox.instance("other", 0).get("uptime_seconds")).doubleValue() >= 1.2);
            kill(before, "KILL");
            eventually(
                    "a replacement runs",
                    () -> sandbox.instance("other", 0).get("pid") instanceof Number now
                            && now.longValue() != before
                            && alive(now.longValue()));
            @SuppressWarnings("unchecked")
            Map<String, Object> exit =
                    (Map<String, Object>) sandbox.instance("other", 0).get("last_exit");
            assertThat(exit.get("signal")).isEqualTo("SIGKILL");
            assertThat(exit.get("cause")).isEqualTo("killed-by-other");
            eventually("why knows", () -> sandbox.run("why", "other").out().contains("SIGKILL"));
        }
    }

    @Test
    void logsAreKeptAndFollowed() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            eventually(
                    "lines arrive",
                    () -> sandbox.run("logs", "api", "-n", "3").out().contains("tick"));
            Path followed = sandbox.home.resolve("followed.txt");
            sandbox.begin(followed, "logs", "-f", "-n", "0", "api");
            eventually("lines are followed", () -> Files.readString(followed).contains("tick"));
            assertThat(sandbox.run("logs", "--path", "api").ok().out().strip())
                    .isEqualTo(sandbox.home.resolve("log/api.log").toString());
        }
    }

    @Test
    void applyTouchesOnlyWhatChanged() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            long api = sandbox.pid("api");
            long other = sandbox.pid("other");
            sandbox.write(
                    "bulkhead.yaml",
                    TWO_APPS.replace("sleep 100000", "sleep 200000") + "  third:\n    command: sleep 300000\n");
            assertThat(sandbox.run("apply", "--dry-run").ok().out()).contains("other", "third");
            assertThat(sandbox.pid("other")).isEqualTo(other);
            sandbox.run("apply").ok();
            assertThat(sandbox.pid("api")).isEqualTo(api);
            assertThat(sandbox.pid("other")).isNotEqualTo(other);
            assertThat(sandbox.state("third")).isEqualTo("up");
            sandbox.write("bulkhead.yaml", "apps:\n  api:\n    comand: x\n");
            Sandbox.Result refused = sandbox.run("apply").exits(2);
            assertThat(refused.err()).contains("bulkhead.yaml:3:5", "comand", "did you mean", "command");
            assertThat(sandbox.pid("api")).isEqualTo(api);
        }
    }

    @Test
    void ctrlCOfUpStopsEverythingAndLeavesNothing() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", TWO_APPS);
            Path output = sandbox.home.resolve("up.txt");
            Process up = sandbox.begin(output, "up", "-f", "bulkhead.yaml");
            eventually(
                    "both run",
                    () -> sandbox.run("status", "--json").exit() == 0
                            && sandbox.state("other").equals("up"));
            List<Long> pids = List.of(sandbox.pid("api"), sandbox.pid("other"));
            List<Long> keepers = List.of(
                    ((Number) sandbox.instance("api", 0).get("keeper_pid")).longValue(),
                    ((Number) sandbox.instance("other", 0).get("keeper_pid")).longValue());
            eventually(
                    "the view shows the app's lines",
                    () -> Files.readString(output).contains("tick"));
            kill(up.pid(), "INT");
            assertThat(up.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(pids).noneMatch(Sandbox::alive);
            assertThat(keepers).noneMatch(Sandbox::alive);
            assertThat(sandbox.run("status").exits(3).err()).contains("no daemon");
        }
    }

    @Test
    void aSecondDaemonOnOneHomeIsRefused() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(TWO_APPS)) {
            Sandbox.Result second = sandbox.run("up", "-d");
            assertThat(second.exit()).isNotZero();
            assertThat(second.err()).contains("already runs", "apply");
        }
    }

    @Test
    void completedOneShotsAreCompleted() throws Exception {
        try (Sandbox sandbox = new Sandbox()
                .up(
                        "apps:\n  once:\n    command: echo done\n    restart: never\n  again:\n    command: sleep 1000\n")) {
            eventually("it is completed", () -> sandbox.state("once").equals("completed"));
            assertThat(sandbox.run("logs", "once").ok().out()).contains("done");
        }
    }

    @Test
    void severalInstancesAreNumbered() throws Exception {
        try (Sandbox sandbox = new Sandbox()
                .up(
                        "apps:\n  many:\n    instances: 3\n    command: {shell: 'echo I am $BULKHEAD_INSTANCE; exec sleep 1000'}\n")) {
            eventually("all three speak", () -> {
                String merged = sandbox.run("logs", "many").out();
                return merged.contains("I am 0") && merged.contains("I am 1") && merged.contains("I am 2");
            });
            sandbox.run("stop", "many/1").ok();
            assertThat(sandbox.instance("many", 1).get("state")).isEqualTo("stopped");
            assertThat(sandbox.state("many")).isEqualTo("degraded");
        }
    }

    @Test
    void dependenciesStartFirst() throws Exception {
        try (Sandbox sandbox = new Sandbox().up("""
                        apps:
                          web: {command: sleep 1000, depends_on: [base], ready: 100ms}
                          base: {command: sleep 1000, ready: 500ms}
                        """)) {
            String events = sandbox.run("events", "--json").ok().out();
            int baseReady = indexOfEvent(events, "base", "ready");
            int webStart = indexOfEvent(events, "web", "start");
            assertThat(baseReady).isBetween(0, webStart);
        }
    }

    @SuppressWarnings("unchecked")
    private static int indexOfEvent(String lines, String app, String typePart) throws Exception {
        List<String> all = lines.lines().toList();
        for (int i = 0; i < all.size(); i++) {
            Map<String, Object> event = (Map<String, Object>) io.bulkhead.json.Json.read(all.get(i));
            if (app.equals(event.get("app")) && ((String) event.get("type")).contains(typePart)) {
                return i;
            }
        }
        return -1;
    }
}
