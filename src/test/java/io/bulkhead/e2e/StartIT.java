package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code start SCRIPT}: the first thing a user of PM2 types. */
class StartIT {

    private static final String SAYS = "#!/bin/sh\necho \"in $PWD with $*; $SECRET\"\nexec sleep 1000\n";

    private static long daemonPid(Sandbox sandbox) throws Exception {
        Map<?, ?> daemon =
                (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
        return ((Number) daemon.get("pid")).longValue();
    }

    private static String environment(long pid) throws Exception {
        return Files.readString(Path.of("/proc/" + pid + "/environ"));
    }

    @Test
    void aScriptRunsAsItIsAndADaemonIsThereForIt() throws Exception {
        try (Sandbox sandbox = new Sandbox().through("env", "SECRET=x", "PATH=/opt/none:/usr/bin:/bin")) {
            sandbox.script("job.sh", SAYS);
            Sandbox.Result first = sandbox.run("start", "job.sh", "-i", "2", "--memory", "64M", "--", "-v", "a b")
                    .ok();
            assertThat(first.err()).contains("started a daemon for " + sandbox.home, "bulkhead startup");
            assertThat(first.out()).contains("job/0: ready", "job/1: ready");
            assertThat(sandbox.app("job").get("memory_limit_bytes")).isEqualTo(64L << 20);
            eventually(
                    "it says where it runs, and with what",
                    () -> sandbox.run("logs", "job").out().contains("in " + sandbox.home + " with -v a b; \n"));
            assertThat(environment(sandbox.pid("job"))).contains("PATH=/opt/none:/usr/bin:/bin");

            // The same again changes nothing; other words change it.
            long pid = sandbox.pid("job");
            sandbox.run("start", "job.sh", "-i", "2", "--memory", "64M", "--", "-v", "a b")
                    .ok();
            assertThat(sandbox.pid("job")).isEqualTo(pid);
            sandbox.run("start", "job.sh", "--", "other").ok();
            // One instance's log has no number, two have: what is shown is where it goes.
            eventually("the new words", () -> sandbox.run("logs", "job").out().contains(" with other; "));
            assertThat(sandbox.run("status", "job", "--json").out()).doesNotContain("\"index\":1");

            sandbox.script("ticks.sh", "#!/bin/sh\nwhile :; do echo tick; sleep 0.1; done\n");
            sandbox.run("start", "ticks.sh").ok();
            sandbox.run("scale", "ticks", "2").ok();
            eventually(
                    "the one that has lived on is seen too",
                    () -> sandbox.run("logs", "ticks/0", "-n", "5").out().contains("tick"));

            // A name is one app.
            Files.createDirectories(sandbox.home.resolve("elsewhere"));
            sandbox.script("elsewhere/job.sh", SAYS);
            Sandbox.Result taken = sandbox.run(
                            "start", sandbox.home.resolve("elsewhere/job.sh").toString(), "--name", "bad name")
                    .exits(2);
            assertThat(taken.err()).contains("cannot be the name of an app");
        }
    }

    @Test
    void itIsKeptUntilItIsDeleted() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.script("job.sh", SAYS);
            sandbox.script("held.sh", SAYS);
            sandbox.run("start", "job.sh").ok();
            sandbox.run("start", "held.sh").ok();
            sandbox.run("stop", "held").ok();
            long pid = sandbox.pid("job");

            // A daemon that dies and one that comes: it is adopted.
            long daemon = daemonPid(sandbox);
            kill(daemon, "KILL");
            eventually("it is dead", () -> !alive(daemon));
            sandbox.begin(sandbox.home.resolve("d.out"), "daemon");
            eventually("the next one answers", () -> sandbox.run("status").exit() == 0);
            assertThat(sandbox.pid("job")).isEqualTo(pid);
            assertThat(sandbox.state("held")).isEqualTo("stopped");

            // A machine that goes down and comes up: it is started again.
            sandbox.run("shutdown").ok();
            assertThat(alive(pid)).isFalse();
            sandbox.begin(sandbox.home.resolve("d2.out"), "daemon");
            eventually(
                    "it is back",
                    () -> sandbox.run("status").exit() == 0
                            && sandbox.state("job").equals("up"));
            assertThat(sandbox.state("held")).isEqualTo("stopped");

            // A file that is applied leaves it alone, whether or not it names it.
            Path file = sandbox.write("bulkhead.yaml", "apps: {other: {command: sleep 1000}}\n");
            long now = sandbox.pid("job");
            sandbox.run("apply", "-f", file.toString()).ok();
            assertThat(sandbox.pid("job")).isEqualTo(now);
            sandbox.script("other.sh", SAYS);
            assertThat(sandbox.run("start", "other.sh").exits(5).err())
                    .contains("there is an app other already, from " + file, "--name NAME");
            sandbox.run("start", "held").ok();
            sandbox.run("delete", "job", "held").ok();
            assertThat(sandbox.run("status").ok().out()).doesNotContain("job", "held");
            sandbox.run("shutdown").ok();
            sandbox.begin(sandbox.home.resolve("d3.out"), "daemon");
            eventually("the file's is up", () -> sandbox.run("status").exit() == 0);
            assertThat(sandbox.run("status").ok().out()).doesNotContain("job", "held");
        }
    }

    @Test
    void whatCannotStartIsRefusedBeforeAnythingIsKept() throws Exception {
        try (Sandbox sandbox = new Sandbox().through("env", "PATH=/nothing/here:/usr/bin:/bin")) {
            sandbox.script("job.sh", SAYS);
            sandbox.run("start", "job.sh").ok();
            sandbox.script("lost", "#!/no/such/interpreter\n");
            Sandbox.Result lost = sandbox.run("start", "lost").exits(5);
            assertThat(lost.err()).contains("/no/such/interpreter");
            assertThat(sandbox.run("start", "job.sh", "--memory", "64").exits(2).err())
                    .contains("write a unit");
            sandbox.script("dies.sh", "#!/bin/sh\necho oh no\nexit 3\n");
            Sandbox.Result dies = sandbox.run("start", "dies.sh").exits(1);
            assertThat(dies.err()).contains("oh no");
            assertThat(sandbox.run("status").ok().out()).doesNotContain("lost");
        }
    }
}
