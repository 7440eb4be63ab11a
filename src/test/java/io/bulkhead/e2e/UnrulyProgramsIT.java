package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Programs that leak, fork, hang, shout and die: each ends as it should, the daemon stays healthy, the neighbour untouched. */
class UnrulyProgramsIT {

    private static final String NEIGHBOUR = "apps:\n  neighbour:\n    command: sleep 100000\n";

    @SuppressWarnings("unchecked")
    private static Map<String, Object> lastExit(Sandbox sandbox, String app) throws Exception {
        return (Map<String, Object>) sandbox.instance(app, 0).get("last_exit");
    }

    private static void neighbourUntouched(Sandbox sandbox, long pid) throws Exception {
        assertThat(sandbox.pid("neighbour")).isEqualTo(pid);
        assertThat(alive(pid)).isTrue();
    }

    @Test
    void aLeakIsEndedAtItsOwnLimitAndReplaced() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(NEIGHBOUR)) {
            long neighbour = sandbox.pid("neighbour");
            sandbox.write(
                    "bulkhead.yaml",
                    NEIGHBOUR + "  leak:\n    memory: 32M\n    command: {shell: 'sleep 1.5; tail /dev/zero'}\n");
            sandbox.run("apply").ok();
            eventually(
                    "it was killed by its limit",
                    () -> lastExit(sandbox, "leak") != null
                            && "oom-limit".equals(lastExit(sandbox, "leak").get("cause")));
            assertThat(sandbox.run("why", "leak").ok().out()).contains("killed by the kernel at its limit of 32 MiB");
            assertThat(sandbox.instance("leak", 0).get("memory_enforcement")).isEqualTo("kernel");
            neighbourUntouched(sandbox, neighbour);
        }
    }

    @Test
    void aProgramThatIgnoresSigtermIsKilledAfterItsGrace() throws Exception {
        try (Sandbox sandbox = new Sandbox()
                .up(
                        NEIGHBOUR
                                + "  deaf:\n    stop_grace_period: 1s\n    command: {shell: \"trap '' TERM; while :; do sleep 1; done\"}\n")) {
            long deaf = sandbox.pid("deaf");
            sandbox.run("stop", "deaf").ok();
            assertThat(alive(deaf)).isFalse();
            assertThat(lastExit(sandbox, "deaf").get("cause")).isEqualTo("killed-by-us");
        }
    }

    @Test
    void aDaemonisedGrandchildEndsWithItsApp() throws Exception {
        try (Sandbox sandbox = new Sandbox()
                .up(
                        NEIGHBOUR
                                + "  forker:\n    command: {shell: 'setsid sleep 4321 & echo grandchild $!; exec sleep 1000'}\n")) {
            eventually(
                    "it told its pid", () -> sandbox.run("logs", "forker").out().contains("grandchild"));
            long grandchild =
                    Long.parseLong(sandbox.run("logs", "forker").out().replaceAll("(?s).*grandchild (\\d+).*", "$1"));
            assertThat(alive(grandchild)).isTrue();
            sandbox.run("stop", "forker").ok();
            assertThat(alive(grandchild)).isFalse();
        }
    }

    @Test
    void aProgramThatForksAndExitsIsToldToStayInTheForeground() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(NEIGHBOUR)) {
            sandbox.write(
                    "bulkhead.yaml", NEIGHBOUR + "  daemonises:\n    command: {shell: 'setsid sleep 4322 & exit 0'}\n");
            sandbox.run("apply");
            eventually(
                    "why says so", () -> sandbox.run("why", "daemonises").out().contains("foreground"));
            sandbox.run("stop", "daemonises").ok();
            assertThat(Files.exists(sandbox.home.resolve("run"))).isTrue();
        }
    }

    @Test
    void aProgramThatDiesAtOnceForEverBacksOffAndIsCalledCrashed() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(NEIGHBOUR)) {
            long neighbour = sandbox.pid("neighbour");
            sandbox.write(
                    "bulkhead.yaml",
                    NEIGHBOUR
                            + "  dying:\n    command: {shell: 'echo alas >&2; exit 3'}\n    backoff: {first: 10ms, max: 50ms}\n");
            assertThat(sandbox.run("apply").exit()).isNotZero();
            eventually(
                    "the breaker opens",
                    () -> sandbox.instance("dying", 0).get("state").equals("crashed"));
            assertThat(lastExit(sandbox, "dying").get("code")).isEqualTo(3L);
            assertThat(sandbox.run("why", "dying").ok().out()).contains("exited with code 3", "alas");
            neighbourUntouched(sandbox, neighbour);
            assertThat(sandbox.run("start", "dying").exit()).isNotZero();
        }
    }

    @Test
    void aGigabyteWithoutANewlineIsBounded() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(NEIGHBOUR + """
                          shouter:
                            command: {shell: 'head -c 1000000000 /dev/zero | tr "\\\\0" x; echo; echo finished; exec sleep 1000'}
                            log: {max_size: 10M, keep: 2}
                        """)) {
            eventually(
                    "it got rid of all of it",
                    () -> sandbox.run("logs", "-n", "1", "shouter").out().contains("finished"));
            long bytes = 0;
            try (var files = Files.list(sandbox.home.resolve("log"))) {
                for (Path file : files.toList()) {
                    bytes += Files.size(file);
                }
            }
            assertThat(bytes).isLessThan(40_000_000);
        }
    }

    @Test
    void closingStdoutHarmsNothing() throws Exception {
        try (Sandbox sandbox =
                new Sandbox().up(NEIGHBOUR + "  closer:\n    command: {shell: 'exec >&- 2>&-; exec sleep 1000'}\n")) {
            assertThat(sandbox.state("closer")).isEqualTo("up");
            long pid = sandbox.pid("closer");
            sandbox.run("restart", "neighbour").ok();
            assertThat(sandbox.pid("closer")).isEqualTo(pid);
        }
    }

    @Test
    void aFullDiskForLogsBlocksNobodyAndIsReported() throws Exception {
        Path small = Files.createTempDirectory("small");
        assertThat(new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", small.toString())
                        .start()
                        .waitFor())
                .as("mounting a small tmpfs needs root")
                .isZero();
        try (Sandbox sandbox = new Sandbox()
                .up(NEIGHBOUR
                        + "  writer:\n    command: {shell: 'head -c 3000000 /dev/zero; touch wrote-all; exec sleep 1000'}\n    log: {file: "
                        + small.resolve("writer.log") + "}\n")) {
            eventually("the app was not blocked", () -> Files.exists(sandbox.home.resolve("wrote-all")));
            eventually("it is told", () -> sandbox.run("events").out().contains("No space left on device"));
            assertThat(sandbox.state("writer")).isEqualTo("up");
        } finally {
            new ProcessBuilder("umount", small.toString()).start().waitFor();
            Files.delete(small);
        }
    }

    @Test
    void aReadOnlyStateFolderIsSaidAndSurvived() throws Exception {
        Path home = Files.createTempDirectory("ro");
        Path state = Files.createDirectories(home.resolve("state"));
        assertThat(new ProcessBuilder("mount", "-t", "tmpfs", "-o", "ro,size=64k", "tmpfs", state.toString())
                        .start()
                        .waitFor())
                .as("mounting a read-only tmpfs needs root")
                .isZero();
        try {
            try (Sandbox sandbox = new Sandbox(home)) {
                sandbox.write("bulkhead.yaml", NEIGHBOUR);
                Sandbox.Result up = sandbox.run("up", "-d").ok();
                assertThat(up.all()).contains(state.toString());
                assertThat(sandbox.state("neighbour")).isEqualTo("up");
                assertThat(sandbox.run("doctor").out()).contains("ead-only");
                sandbox.run("shutdown").ok();
                new ProcessBuilder("umount", state.toString()).start().waitFor();
            }
        } finally {
            new ProcessBuilder("umount", state.toString()).start().waitFor();
        }
    }

    @Test
    void killingTheDaemonDoublesNobody() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(NEIGHBOUR)) {
            long neighbour = sandbox.pid("neighbour");
            long daemon = ((Number) ((Map<?, ?>)
                                    sandbox.run("status", "--json").ok().json().get("daemon"))
                            .get("pid"))
                    .longValue();
            Sandbox.kill(daemon, "KILL");
            eventually("the daemon is gone", () -> !alive(daemon));
            assertThat(alive(neighbour)).as("the program goes on").isTrue();
            Sandbox.Result again = sandbox.run("up", "-d").ok();
            assertThat(again.all()).contains("neighbour", Long.toString(neighbour));
            eventually("it is up", () -> sandbox.state("neighbour").equals("up"));
            long now = sandbox.pid("neighbour");
            assertThat(alive(now)).isTrue();
            if (now != neighbour) {
                assertThat(alive(neighbour)).as("never two").isFalse();
            }
        }
    }
}
