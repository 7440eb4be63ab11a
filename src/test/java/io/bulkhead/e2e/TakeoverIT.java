package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** One daemon takes the place of another; the apps do not notice. */
class TakeoverIT {

    private static final String APPS = """
            apps:
              api: {command: sleep 1000, instances: 2}
              held: {command: sleep 1000}
            """;

    private static Map<?, ?> daemon(Sandbox sandbox) throws Exception {
        return (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
    }

    private static long daemonPid(Sandbox sandbox) throws Exception {
        return ((Number) daemon(sandbox).get("pid")).longValue();
    }

    private static List<Object> pids(Sandbox sandbox) throws Exception {
        return List.of(
                sandbox.instance("api", 0).get("pid"),
                sandbox.instance("api", 1).get("pid"));
    }

    @Test
    void theNewDaemonHasEveryAppAndNoQuestionGoesUnanswered() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APPS)) {
            sandbox.run("stop", "held").ok();
            long former = daemonPid(sandbox);
            List<Object> before = pids(sandbox);
            Path words = sandbox.home.resolve("new.out");
            sandbox.begin(words, "daemon", "--replace");
            List<Long> answered = new ArrayList<>();
            eventually("the new one answers", () -> {
                // Each is asked by a command of its own, and must be answered, by whichever daemon.
                long pid = daemonPid(sandbox);
                answered.add(pid);
                return pid != former;
            });
            assertThat(answered).hasSizeGreaterThan(1);
            assertThat(pids(sandbox)).isEqualTo(before);
            assertThat(sandbox.state("held")).isEqualTo("stopped");
            eventually("the former one has ended", () -> !alive(former));
            assertThat(sandbox.run("events", "-n", "200").ok().out()).contains("replaced");
            sandbox.run("restart", "api/0").ok();
        }
    }

    @Test
    void whatHasChangedInTheFileWaitsForAnApply() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APPS)) {
            long former = daemonPid(sandbox);
            List<Object> before = pids(sandbox);
            sandbox.write(
                    "bulkhead.yaml",
                    "apps: {api: {command: sleep 2000, instances: 2}, fresh: {command: sleep 1000}}\n");
            sandbox.begin(sandbox.home.resolve("new.out"), "daemon", "--replace");
            eventually("the new one answers", () -> daemonPid(sandbox) != former);
            assertThat(pids(sandbox)).isEqualTo(before);
            assertThat(sandbox.run("status").ok().out()).contains("held").doesNotContain("fresh");
            eventually(
                    "it is said",
                    () -> sandbox.run("logs", "--daemon", "-n", "50").out().contains("3 changes not applied"));
            sandbox.run("apply", "-f", sandbox.home.resolve("bulkhead.yaml").toString())
                    .ok();
            assertThat(pids(sandbox)).isNotEqualTo(before);
            assertThat(sandbox.state("fresh")).isEqualTo("up");
        }
    }

    @Test
    void aNewDaemonThatCannotBeginLeavesTheOldOneInPlace() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APPS)) {
            long former = daemonPid(sandbox);
            List<Object> before = pids(sandbox);

            // Before it asks for the home: a file with a mistake.
            Path broken = sandbox.write("broken.yaml", "apps: {api: {comand: x}}\n");
            Sandbox.Result refused = sandbox.run("daemon", "--replace", "--config", broken.toString())
                    .exits(2);
            assertThat(refused.err()).contains("comand", "(pid " + former + ") goes on");
            assertThat(daemonPid(sandbox)).isEqualTo(former);

            // When it has the home already: it has too few descriptors to serve.
            Process starved = new ProcessBuilder(
                            "sh",
                            "-c",
                            "ulimit -n 14; exec " + Sandbox.PROGRAM + " daemon --replace --home " + sandbox.home)
                    .redirectErrorStream(true)
                    .redirectOutput(sandbox.home.resolve("starved.out").toFile())
                    .start();
            assertThat(starved.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(starved.exitValue())
                    .as(Files.readString(sandbox.home.resolve("starved.out")))
                    .isEqualTo(1);
            eventually(
                    "the old one serves again",
                    () -> sandbox.run("status").exit() == 0 && daemonPid(sandbox) == former);
            assertThat(pids(sandbox)).isEqualTo(before);
            assertThat(sandbox.run("logs", "--daemon", "-n", "50").ok().out()).contains("this daemon goes on");

            // It supervises as before.
            kill(sandbox.pid("api"), "KILL");
            eventually(
                    "a crash is answered",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid
                            && !pid.equals(before.getFirst()));
            assertThat(sandbox.instance("api", 1).get("pid")).isEqualTo(before.get(1));

            // And it can be replaced after all.
            sandbox.begin(sandbox.home.resolve("new.out"), "daemon", "--replace");
            eventually("the new one answers", () -> daemonPid(sandbox) != former);
            assertThat(sandbox.instance("api", 1).get("pid")).isEqualTo(before.get(1));
        }
    }

    @Test
    void withoutADaemonToReplaceItIsAnOrdinaryOne() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APPS)) {
            List<Object> before = pids(sandbox);
            long former = daemonPid(sandbox);
            Sandbox.Result left = sandbox.run("shutdown", "--keep-apps").ok();
            assertThat(left.out()).contains("the apps go on");
            eventually("it has ended", () -> !alive(former));
            before.forEach(pid -> assertThat(alive(((Number) pid).longValue())).isTrue());
            sandbox.run("status").exits(3);

            // Somebody changes the file meanwhile: an ordinary start puts it in force.
            sandbox.write("bulkhead.yaml", APPS.replace("held: {command: sleep 1000}", "held: {command: sleep 2000}"));
            sandbox.begin(sandbox.home.resolve("new.out"), "daemon", "--replace");
            eventually("the new one answers", () -> sandbox.run("status").exit() == 0);
            assertThat(pids(sandbox)).isEqualTo(before);
            eventually(
                    "the changed one is replaced",
                    () -> sandbox.state("held").equals("up")
                            && Files.readString(Path.of("/proc/" + sandbox.pid("held") + "/cmdline"))
                                    .contains("2000"));
        }
    }

    @Test
    void whoWaitsForSomethingIsToldThatTheDaemonEnds() throws Exception {
        try (Sandbox sandbox = new Sandbox().up("""
                apps:
                  slow: {command: {shell: "trap '' TERM; while :; do sleep 1; done"}, stop_grace_period: 20s}
                """)) {
            Path words = sandbox.home.resolve("stop.out");
            Process stop = sandbox.begin(words, "stop", "slow");
            eventually("it is being stopped", () -> sandbox.run("status").out().contains("draining"));
            sandbox.run("shutdown", "--keep-apps").ok();
            assertThat(stop.waitFor(10, TimeUnit.SECONDS)).isTrue();
            assertThat(stop.exitValue()).isEqualTo(1);
            assertThat(Files.readString(words)).contains("ended before this was done");

            // The wish itself was remembered.
            sandbox.begin(sandbox.home.resolve("new.out"), "daemon");
            eventually(
                    "the next one goes on with it",
                    () -> sandbox.run("status").out().contains("stopped by hand")
                            || sandbox.run("status").out().contains("draining"));
        }
    }
}
