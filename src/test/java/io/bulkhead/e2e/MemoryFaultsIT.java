package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static io.bulkhead.e2e.Sandbox.kill;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/** Memory compartments when everything around them died, and pools whose limit changes; read from the kernel's own files. */
class MemoryFaultsIT {

    private static final long MIB = 1L << 20;

    private static final String APP = "apps: {web: {command: sleep 100000, memory: 64M}}\n";

    @Test
    void whatACrashOfAllLeftIsRemovedAndSaid() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.up(APP);
            Path group = memoryGroup(sandbox.pid("web"));
            List<Path> folders = list(sandbox.home.resolve("run/c"));
            assertThat(folders).hasSize(1);
            Files.writeString(folders.getFirst().resolve("of-the-former"), "");
            crash(sandbox);
            assertThat(folders.getFirst()).isDirectory();
            assertThat(group).as("nobody removed it").isDirectory();

            Sandbox.Result up = sandbox.run("up", "-d").ok();

            assertThat(up.err()).contains("web/0: keeper and program of a former daemon are gone", "removed");
            assertThat(sandbox.run("logs", "--daemon").ok().out()).contains("web/0: keeper and program of a former");
            assertThat(sandbox.state("web")).isEqualTo("up");
            Path now = memoryGroup(sandbox.pid("web"));
            assertThat(limit(now)).isEqualTo(64 * MIB);
            assertThat(list(sandbox.home.resolve("run/c")))
                    .singleElement()
                    .satisfies(folder ->
                            assertThat(folder.resolve("of-the-former")).doesNotExist());
            assertThat(groups(now.getParent())).as("no group is left over").containsExactly(now);
            assertThat(Files.readAllLines(now.resolve("cgroup.procs"))).contains(Long.toString(sandbox.pid("web")));
        }
    }

    @Test
    void aPoolsLimitFollowsTheFile() throws Exception {
        String apps =
                "apps:\n  a: {command: sleep 100000, pool: workers}\n  b: {command: sleep 100000, pool: workers}\n";
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.up("pools: {workers: {memory: 64M}}\n" + apps);
            long a = sandbox.pid("a");
            Path pool = memoryGroup(a).getParent();
            assertThat(memoryGroup(sandbox.pid("b")).getParent()).isEqualTo(pool);
            assertThat(limit(pool)).isEqualTo(64 * MIB);
            for (int mebibytes : new int[] {96, 48}) {
                sandbox.write("bulkhead.yaml", "pools: {workers: {memory: " + mebibytes + "M}}\n" + apps);
                assertThat(sandbox.run("apply", "--dry-run").ok().out()).contains("~ pools");
                assertThat(sandbox.run("apply").ok().out()).contains("~ pools");
                assertThat(limit(pool)).isEqualTo(mebibytes * MIB);
            }
            assertThat(sandbox.run("apply").ok().out()).contains("nothing to do");
            assertThat(sandbox.pid("a")).as("nobody is restarted for it").isEqualTo(a);
        }
    }

    /** The daemon first, then what it kept, so that nobody is left who could clear up. */
    @SuppressWarnings("unchecked")
    private static void crash(Sandbox sandbox) throws Exception {
        Map<String, Object> status = sandbox.run("status", "--json").ok().json();
        Map<String, Object> web = sandbox.instance("web", 0);
        long daemon = ((Number) ((Map<String, Object>) status.get("daemon")).get("pid")).longValue();
        long keeper = ((Number) web.get("keeper_pid")).longValue();
        long program = ((Number) web.get("pid")).longValue();
        for (long pid : new long[] {daemon, keeper, program}) {
            kill(pid, "KILL");
            eventually("the end of " + pid, () -> !alive(pid));
        }
    }

    /** The folder of its memory group, or of its only one with version 2. */
    private static Path memoryGroup(long pid) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/cgroup"))) {
            String[] parts = line.split(":", 3);
            boolean v1 = List.of(parts[1].split(",")).contains("memory");
            Path group = Path.of(v1 ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup", parts[2].substring(1));
            if (v1 || Files.exists(group.resolve("memory.max"))) {
                return group;
            }
        }
        return Assumptions.abort("needs a memory control group");
    }

    private static long limit(Path group) throws IOException {
        Path v1 = group.resolve("memory.limit_in_bytes");
        return Long.parseLong(Files.readString(Files.exists(v1) ? v1 : group.resolve("memory.max"))
                .strip());
    }

    private static List<Path> groups(Path parent) throws IOException {
        try (Stream<Path> all = Files.list(parent)) {
            return all.filter(Files::isDirectory).toList();
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.toList();
        }
    }
}
