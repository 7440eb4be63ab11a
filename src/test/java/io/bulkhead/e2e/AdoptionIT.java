package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What a daemon finds that did not see how it came about. */
class AdoptionIT {

    private static final String APP = """
            apps:
              api: {command: {shell: "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.1; done"}, backoff: {reset_after: 1s}}
            """;

    private static long daemon(Sandbox sandbox) throws Exception {
        Map<?, ?> daemon =
                (Map<?, ?>) sandbox.run("status", "--json").ok().json().get("daemon");
        return ((Number) daemon.get("pid")).longValue();
    }

    private static void killDaemon(Sandbox sandbox) throws Exception {
        long daemon = daemon(sandbox);
        kill(daemon, "KILL");
        eventually("it is gone", () -> !alive(daemon));
    }

    private static void again(Sandbox sandbox) throws Exception {
        sandbox.run("up", "-d", "-f", sandbox.home.resolve("bulkhead.yaml").toString())
                .ok();
    }

    private static Path compartment(Sandbox sandbox) throws IOException {
        try (Stream<Path> folders = Files.list(sandbox.home.resolve("run/c"))) {
            return folders.findFirst().orElseThrow();
        }
    }

    private static long keeper(Sandbox sandbox) throws Exception {
        return ((Number) sandbox.instance("api", 0).get("keeper_pid")).longValue();
    }

    private static String environment(long pid) throws IOException {
        return Files.readString(Path.of("/proc/" + pid + "/environ"), StandardCharsets.ISO_8859_1);
    }

    /** The daemon gave the word, and died before it had noted what it had begun. */
    @Test
    void aProgramThatNobodyNoted() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long keeper = keeper(sandbox);
            long first = sandbox.pid("api");
            killDaemon(sandbox);
            kill(first, "SEGV");
            eventually("it has ended", () -> !alive(first));
            Files.writeString(
                    compartment(sandbox).resolve("control"),
                    "start spawn BULKHEAD_RUN=unnoted-1 BULKHEAD_CAUSE=crash BULKHEAD_RESTARTS=1\n",
                    StandardOpenOption.WRITE);
            eventually(
                    "another runs",
                    () -> ProcessHandle.of(keeper).orElseThrow().children().anyMatch(child -> alive(child.pid())));
            long second = ProcessHandle.of(keeper)
                    .orElseThrow()
                    .children()
                    .filter(child -> alive(child.pid()))
                    .findFirst()
                    .orElseThrow()
                    .pid();
            eventually("it has begun", () -> environment(second).contains("unnoted-1"));

            again(sandbox);
            Map<String, Object> instance = sandbox.instance("api", 0);
            assertThat(instance.get("pid")).isEqualTo(second);
            assertThat(instance.get("run")).isEqualTo("unnoted-1");
            assertThat(ProcessHandle.of(keeper)).isPresent();
            // It is supervised as any other.
            kill(second, "KILL");
            eventually(
                    "it is replaced",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid && pid.longValue() != second);
            assertThat(((Map<?, ?>) sandbox.instance("api", 0).get("last_exit")).get("signal"))
                    .isEqualTo("SIGKILL");
        }
    }

    @Test
    void howItEndedWhileNobodyWatched() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long program = sandbox.pid("api");
            killDaemon(sandbox);
            kill(program, "SEGV");
            eventually("it has ended", () -> !alive(program));
            again(sandbox);
            eventually(
                    "it is replaced",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid && pid.longValue() != program);
            Map<?, ?> exit = (Map<?, ?>) sandbox.instance("api", 0).get("last_exit");
            assertThat(exit.get("signal")).isEqualTo("SIGSEGV");
            assertThat(sandbox.instance("api", 0).get("restarts")).isEqualTo(1L);
        }
    }

    @Test
    void aProgramWhoseKeeperWasKilledToo() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long program = sandbox.pid("api");
            long keeper = keeper(sandbox);
            Path log = sandbox.home.resolve("log/api.log");
            kill(keeper, "KILL");
            eventually(
                    "it is noticed",
                    () -> sandbox.run("logs", "--daemon", "-n", "20").out().contains("how it ends will not be known"));
            assertThat(alive(program)).isTrue();
            killDaemon(sandbox);
            again(sandbox);
            assertThat(sandbox.pid("api")).isEqualTo(program);
            long size = Files.size(log);
            eventually("it is still heard", () -> Files.size(log) > size + 20);
            List<String> lines = Files.readAllLines(log);
            for (int i = 0; i < lines.size(); i++) {
                assertThat(lines.get(i)).isEqualTo("line " + (i + 1));
            }

            // After its end there is a keeper again.
            kill(program, "KILL");
            eventually(
                    "it is replaced",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid && pid.longValue() != program);
            assertThat(((Map<?, ?>) sandbox.instance("api", 0).get("last_exit")).get("cause"))
                    .isIn("unknown", "killed-by-other"); // whoever inherits it may leave it to be read for a moment
            assertThat(alive(keeper(sandbox))).isTrue();
            try (Stream<Path> folders = Files.list(sandbox.home.resolve("run/c"))) {
                assertThat(folders).hasSize(1);
            }
        }
    }

    /** After a reboot the numbers in the records are other processes'. */
    @Test
    void nothingOfABootBeforeIsSignalled() throws Exception {
        try (Sandbox sandbox = new Sandbox().up("apps: {api: {command: sleep 1000}}\n")) {
            long program = sandbox.pid("api");
            long keeper = keeper(sandbox);
            Path folder = compartment(sandbox);
            String record = Files.readString(folder.resolve("compartment.json"));
            sandbox.run("shutdown").ok();
            eventually("all is gone", () -> !alive(program) && !alive(keeper));
            Process bystander = new ProcessBuilder("sleep", "1000").start();
            try {
                Path left = Files.createDirectories(sandbox.home.resolve("run/c/api-0-7"));
                String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id"))
                        .strip();
                String start = Files.readString(Path.of("/proc/" + bystander.pid() + "/stat"))
                        .split("\\) ", 2)[1]
                        .split(" ")[19];
                assertThat(record).contains(boot);
                Files.writeString(
                        left.resolve("compartment.json"),
                        record.replace(boot, "11111111-2222-3333-4444-555555555555")
                                .replaceAll("\"keeper\": ?[0-9]+", "\"keeper\":" + bystander.pid())
                                .replaceAll("\"keeper_start\": ?[0-9]+", "\"keeper_start\":" + start)
                                .replaceAll("\"group\": ?\"[^\"]*\"", "\"group\":\"\""));
                Files.writeString(left.resolve("run"), "old-1 1700000000000 " + bystander.pid() + " 0\n");
                again(sandbox);
                assertThat(bystander.isAlive()).isTrue();
                assertThat(left).doesNotExist();
                assertThat(sandbox.state("api")).isEqualTo("up");
                assertThat(sandbox.pid("api")).isNotEqualTo(bystander.pid());
                sandbox.run("shutdown").ok();
                assertThat(bystander.isAlive()).isTrue();
            } finally {
                bystander.destroyForcibly();
            }
        }
    }

    /** Somebody was editing it when the daemon died. */
    @Test
    void aFileThatCannotBeReadLeavesTheAppsAsTheyWere() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(APP)) {
            long program = sandbox.pid("api");
            killDaemon(sandbox);
            sandbox.write("bulkhead.yaml", "apps: {api: {comand: x}}\n");
            Path words = sandbox.home.resolve("daemon.words");
            sandbox.begin(words, "daemon");
            eventually("a daemon serves", () -> sandbox.run("status").exit() == 0);
            assertThat(sandbox.pid("api")).isEqualTo(program);
            assertThat(Files.readString(words)).contains("comand", "cannot be used", "bulkhead apply");
            kill(program, "KILL");
            eventually(
                    "it is supervised",
                    () -> sandbox.instance("api", 0).get("pid") instanceof Number pid && pid.longValue() != program);
            sandbox.run("apply").exits(2);

            // One that starts everything in a file has nothing to fall back to.
            sandbox.run("shutdown").ok();
            sandbox.run("up", "-d", "-f", sandbox.home.resolve("bulkhead.yaml").toString())
                    .exits(2);
        }
    }

    /** No room for the record of a run: then there is none, and no keeper stays behind. */
    @Test
    void aRunThatCannotBeNotedLeavesNothing() throws Exception {
        assumeTrue(Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0), "mount(8) needs root");
        try (Sandbox sandbox = new Sandbox()) {
            Path run = Files.createDirectories(sandbox.home.resolve("run"));
            assumeTrue(
                    mount("-t", "tmpfs", "-o", "nr_inodes=60,size=1m", "none", run.toString()) == 0, "no mount here");
            try {
                sandbox.up("apps: {api: {command: sleep 1000, autostart: false, restart: never}}\n");
                sandbox.run("start", "api").ok();
                sandbox.run("stop", "api").ok();
                eventually("its compartment is gone", () -> folders(run) == 0);
                // Its folder, two pipes of words, one for the spare, one for output, the lock and the script: not the
                // record.
                int filled = 0;
                while (free(run) > 7) {
                    Files.createFile(run.resolve("full-" + filled++));
                }
                Sandbox.Result refused = sandbox.run("start", "api");
                assertThat(refused.exit()).isNotZero();
                assertThat(refused.all()).contains("No space left");
                eventually("nothing is left", () -> folders(run) == 0 && keepersIn(run) == 0);
                for (int i = 0; i < filled; i++) {
                    Files.delete(run.resolve("full-" + i));
                }
                sandbox.run("start", "api").ok();
                sandbox.run("shutdown").ok();
            } finally {
                new ProcessBuilder("umount", "--lazy", run.toString()).start().waitFor();
            }
        }
    }

    private static int mount(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("mount"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).start().waitFor();
    }

    private static long free(Path folder) throws Exception {
        Process stat = new ProcessBuilder("stat", "-f", "-c", "%d", folder.toString()).start();
        return Long.parseLong(new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
    }

    private static long folders(Path run) throws IOException {
        try (Stream<Path> folders = Files.list(run.resolve("c"))) {
            return folders.count();
        }
    }

    private static long keepersIn(Path run) {
        return ProcessHandle.allProcesses()
                .filter(process -> process.info().commandLine().orElse("").contains(run + "/c/"))
                .count();
    }
}
