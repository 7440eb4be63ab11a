package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** {@code bulkhead memory}, and limits that change while the program runs. */
class MemoryCommandIT {

    /** Holds about 60 MB that cannot be dropped, all of it touched. */
    private static final String HOLDER =
            "    command: [node, -e, \"const held = Buffer.alloc(60 << 20, 1); setInterval(() => held[0]++, 1e6)\"]\n";

    private static String holder(String keys) {
        return "apps:\n  holder:\n" + HOLDER + keys.indent(4);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> memory(Sandbox sandbox, String name) throws Exception {
        Map<String, Object> document =
                sandbox.run("memory", name, "--json").ok().json();
        return ((List<Map<String, Object>>) document.get("apps")).getFirst();
    }

    private static void awaitUse(Sandbox sandbox, long least) throws Exception {
        eventually(
                "it holds its memory",
                () -> memory(sandbox, "holder").get("memory_peak_bytes") instanceof Number peak
                        && peak.longValue() > least);
    }

    @Test
    void peakHeadroomAndTheLimitThatFits() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(holder("memory: 256M\n"))) {
            awaitUse(sandbox, 60 << 20);
            Map<String, Object> app = memory(sandbox, "holder");
            double peak = ((Number) app.get("memory_peak_bytes")).doubleValue();
            assertThat(peak).isBetween(60.0 * (1 << 20), 75.0 * (1 << 20));
            assertThat(((Number) app.get("recommended_bytes")).doubleValue())
                    .isCloseTo(peak * 1.2, within(peak * 1.2 * 0.06));
            assertThat(((Number) app.get("headroom_percent")).doubleValue())
                    .isCloseTo((256.0 * (1 << 20) - peak) * 100 / peak, within(1.0));
            assertThat(app.get("memory_drain_bytes")).isEqualTo((long) (256 * (1 << 20) * 0.8));

            String text = sandbox.run("memory").ok().out();
            assertThat(text)
                    .contains("app", "peak", "limit", "drain at", "headroom", "fits", "trend", "256M", "kept by")
                    .contains("host: ", "reserve", "outside of the apps", "budget:", "holder: 256M")
                    .doesNotContain("\u001b", "█");
            assertThat(sandbox.run("show", "holder").ok().out()).contains("Memory", "drained at", "would fit");
            assertThat(sandbox.run("memory", "nobody").exits(4).err()).contains("holder");

            sandbox.run("shutdown").ok();
            sandbox.write("bulkhead.yaml", "apps:\n  holder:\n" + HOLDER + "    memory: 512M\n    autostart: false\n");
            sandbox.run("up", "-d").ok();
            assertThat(((Number) memory(sandbox, "holder").get("memory_peak_bytes")).doubleValue())
                    .as("the peak outlives the daemon and a change of the limit")
                    .isBetween(peak * 0.99, peak * 1.01);
        }
    }

    @Test
    void tooLittleHeadroomIsTold() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(holder("memory: 80M\nmemory_drain: off\nmemory_buffer: 40%\n"))) {
            awaitUse(sandbox, 60 << 20);
            assertThat(sandbox.run("memory").ok().out())
                    .containsPattern("leaves \\d+ % of headroom")
                    .contains("would fit");
            assertThat(sandbox.run("check").ok().out()).containsPattern("leaves \\d+ % of headroom");
        }
    }

    @Test
    void aLimitChangesWhileTheProgramRuns() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(holder("memory: 256M\nmemory_drain: off\n"))) {
            assumeTrue("kernel".equals(sandbox.instance("holder", 0).get("memory_enforcement")), "the kernel keeps it");
            awaitUse(sandbox, 60 << 20);
            long pid = sandbox.pid("holder");
            for (long mebibytes : new long[] {512, 128, 300}) {
                sandbox.write("bulkhead.yaml", holder("memory: " + mebibytes + "M\nmemory_drain: off\n"));
                sandbox.run("apply").ok();
                eventually("the kernel has it", () -> kernelLimit(pid) == mebibytes << 20);
                assertThat(sandbox.pid("holder")).isEqualTo(pid);
            }
            sandbox.write("bulkhead.yaml", holder("memory: 20M\nmemory_drain: off\n"));
            Sandbox.Result below = sandbox.run("apply").ok();
            assertThat(below.all()).contains("uses", "more than its new limit of 20M");
            assertThat(alive(pid)).as("never killed for a change of the limit").isTrue();
            assertThat(kernelLimit(pid)).isEqualTo(300L << 20);
        }
    }

    @Test
    void aGroupThatVanishedIsMadeAgain() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(holder("memory: 256M\n"))) {
            assumeTrue("kernel".equals(sandbox.instance("holder", 0).get("memory_enforcement")), "the kernel keeps it");
            long pid = sandbox.pid("holder");
            Path group = group(pid);
            Path top = Path.of(group.toString().replaceFirst("/bulkhead-.*", ""));
            for (String member : Files.readAllLines(group.resolve("cgroup.procs"))) {
                Files.writeString(top.resolve("cgroup.procs"), member);
            }
            eventually("it is empty and can be removed", () -> group.toFile().delete());

            assertThat(sandbox.instance("holder", 0).get("memory_enforcement")).isEqualTo("sampled");
            assertThat(sandbox.run("memory").ok().out()).contains("holder");
            sandbox.run("restart", "holder").ok();
            assertThat(alive(pid)).isFalse();
            assertThat(sandbox.instance("holder", 0).get("memory_enforcement")).isEqualTo("kernel");
            assertThat(kernelLimit(sandbox.pid("holder"))).isEqualTo(256L << 20);
        }
    }

    private static long kernelLimit(long pid) throws Exception {
        Path group = group(pid);
        Path v1 = group.resolve("memory.limit_in_bytes");
        return Long.parseLong(Files.readString(Files.exists(v1) ? v1 : group.resolve("memory.max"))
                .strip());
    }

    /** The group of a process in the hierarchy that counts memory. */
    private static Path group(long pid) throws Exception {
        Optional<String> own;
        try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/cgroup"))) {
            List<String> all = lines.toList();
            own = all.stream().filter(line -> line.contains(":memory:")).findFirst();
            if (own.isEmpty()) {
                own = all.stream().filter(line -> line.startsWith("0::")).findFirst();
            }
        }
        String path = own.orElseThrow().substring(own.get().lastIndexOf(':') + 1);
        for (String mount : List.of("/sys/fs/cgroup/memory", "/sys/fs/cgroup")) {
            Path group = Path.of(mount + path);
            if (Files.isDirectory(group)) {
                return group;
            }
        }
        throw new AssertionError("no group " + path);
    }
}
