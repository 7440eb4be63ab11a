package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Detection and figures on trees that look like hosts we do not have. */
class CgroupHostTest {

    private static final long MIB = 1 << 20;
    private static final String V2 = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate\n";
    private static final String V1_MEMORY =
            "35 32 0:30 / /sys/fs/cgroup/memory rw,nosuid shared:9 - cgroup cgroup rw,memory\n";
    private static final String V1_PIDS = "36 32 0:31 / /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n";
    private static final String V1_CPU = "37 32 0:32 / /sys/fs/cgroup/cpu,cpuacct rw - cgroup cgroup rw,cpu,cpuacct\n";

    @TempDir
    Path root;

    @Test
    void theTopOfAUnifiedHost() throws IOException {
        host(V2, "0::/user.slice/session-1.scope\n");
        group("sys/fs/cgroup", "cpuset cpu io memory pids");

        CgroupHost host = CgroupHost.detect(root, "bulkhead");
        assertThat(host.kind()).isEqualTo(CgroupHost.Kind.V2);
        assertThat(host.describe())
                .isEqualTo("cgroup v2 in " + root.resolve("sys/fs/cgroup/bulkhead") + ", limits memory, pids, cpu");
        assertThat(host.reasons()).isEmpty();
    }

    @Test
    void preparingEnablesControllersAllTheWay() throws IOException {
        host(V2, "0::/\n");
        Path top = group("sys/fs/cgroup", "cpu memory pids");
        Path folder = group("sys/fs/cgroup/bulkhead", "cpu memory pids");
        CgroupHost.detect(root, "bulkhead").prepare();

        // A fixture file holds the last word written; the kernel takes each as a change.
        assertThat(top.resolve("cgroup.subtree_control")).hasContent("+cpu");
        assertThat(folder.resolve("cgroup.subtree_control")).hasContent("+cpu");
    }

    @Test
    void aDelegatedSubtreeWhereTheTopIsNotOurs() throws IOException {
        host(V2, "0::/user.slice/bulkhead.service\n");
        Path top = Files.createDirectories(root.resolve("sys/fs/cgroup"));
        Files.writeString(top.resolve("cgroup.controllers"), "memory pids\n");
        group("sys/fs/cgroup/user.slice/bulkhead.service", "memory pids");

        CgroupHost host = CgroupHost.detect(root, "bulkhead");
        assertThat(host.kind()).isEqualTo(CgroupHost.Kind.V2);
        assertThat(host.describe())
                .contains("user.slice/bulkhead.service/bulkhead")
                .doesNotContain("cpu");
    }

    @Test
    void aHybridHostUsesV1AndSaysWhy() throws IOException {
        String unified = V2.replace("/sys/fs/cgroup", "/sys/fs/cgroup/unified");
        host(unified + V1_MEMORY + V1_PIDS + V1_CPU, "4:memory:/\n0::/\n");
        group("sys/fs/cgroup/unified", "hugetlb");
        group("sys/fs/cgroup/memory", "");
        group("sys/fs/cgroup/pids", "");
        group("sys/fs/cgroup/cpu,cpuacct", "");

        CgroupHost host = CgroupHost.detect(root, "bulkhead");
        assertThat(host.kind()).isEqualTo(CgroupHost.Kind.V1);
        assertThat(host.describe())
                .isEqualTo(
                        "cgroup v1 in " + root.resolve("sys/fs/cgroup/memory/bulkhead") + ", limits memory, pids, cpu");
        assertThat(host.reasons())
                .containsExactly(
                        "cgroup v2: /sys/fs/cgroup/unified has no memory controller (cgroup v1 holds it, or it is not delegated)");
    }

    @Test
    void aLimitAroundUsIsNotEscapedFrom() throws IOException {
        host(V1_MEMORY, "4:memory:/docker/abc\n");
        group("sys/fs/cgroup/memory", "");
        Path own = group("sys/fs/cgroup/memory/docker/abc", "");
        Files.writeString(own.getParent().resolve("memory.limit_in_bytes"), "536870912\n");
        Files.writeString(
                own.getParent().resolve("memory.stat"),
                "rss 1\ntotal_cache 400000000\ntotal_rss 200000000\ntotal_shmem 36870912\n");
        Files.writeString(root.resolve("proc/meminfo"), "MemTotal: 4000000 kB\nMemAvailable: 1000000 kB\n");

        assertThat(CgroupHost.detect(root, "bulkhead").describe()).contains("memory/docker/abc/bulkhead");
        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(536870912L, 300000000L, 0, 0));
        assertThat(HostMemory.read(root).used()).isEqualTo(236870912L);
    }

    @Test
    void aContainersMountShowsItsOwnGroupAsTheTop() throws IOException {
        host(V1_MEMORY.replace("0:30 / ", "0:30 /docker/abc "), "4:memory:/docker/abc\n");
        group("sys/fs/cgroup/memory", "");

        assertThat(CgroupHost.detect(root, "bulkhead").describe()).contains("sys/fs/cgroup/memory/bulkhead");
    }

    @Test
    void nothingMountedOrAllReadOnlyIsNone() throws IOException {
        host("", "0::/\n");
        assertThat(CgroupHost.detect(root, "bulkhead").kind()).isEqualTo(CgroupHost.Kind.NONE);
        assertThat(CgroupHost.detect(root, "bulkhead").reasons())
                .containsExactly("cgroup v2: not mounted", "cgroup v1: no memory hierarchy is mounted");

        host(V2.replace("rw,nosuid", "ro,nosuid") + V1_MEMORY.replace("rw,nosuid", "ro,nosuid"), "0::/\n4:memory:/\n");
        group("sys/fs/cgroup", "memory");
        assertThat(CgroupHost.detect(root, "bulkhead").reasons())
                .containsExactly(
                        "cgroup v2: /sys/fs/cgroup is mounted read-only",
                        "cgroup v1: /sys/fs/cgroup/memory is mounted read-only");
        assertThat(CgroupHost.detect(root, "bulkhead").describe()).contains("sampled, not enforced by the kernel");
    }

    @Test
    void limitsOfAUnifiedGroup() throws IOException {
        Path group = Files.createDirectories(root.resolve("api-0"));
        for (String file : new String[] {"memory.max", "memory.swap.max", "pids.max", "cpu.max", "cgroup.procs"}) {
            Files.createFile(group.resolve(file));
        }
        CgroupV2 compartment = new CgroupV2(group);

        assertThat(compartment.update(new CompartmentLimits(
                        OptionalLong.of(64 * MIB), 8 * MIB, OptionalInt.of(50), OptionalDouble.of(1.5))))
                .isEmpty();
        assertThat(group.resolve("memory.max")).hasContent("67108864");
        assertThat(group.resolve("memory.swap.max")).hasContent("8388608");
        assertThat(group.resolve("pids.max")).hasContent("50");
        assertThat(group.resolve("cpu.max")).hasContent("150000 100000");

        compartment.update(CompartmentLimits.NONE);
        assertThat(group.resolve("memory.max")).hasContent("max");
        assertThat(group.resolve("memory.swap.max")).hasContent("max");
        assertThat(group.resolve("pids.max")).hasContent("max");
        assertThat(group.resolve("cpu.max")).hasContent("max 100000");
    }

    @Test
    void aControllerThatIsMissingIsSaid() throws IOException {
        Path group = Files.createDirectories(root.resolve("api-0"));
        CgroupV2 compartment = new CgroupV2(group);

        assertThat(compartment.update(
                        new CompartmentLimits(OptionalLong.of(MIB), 0, OptionalInt.of(50), OptionalDouble.of(1))))
                .hasSize(3)
                .allMatch(sentence -> sentence.contains("is not limited"));
        assertThat(compartment.enforcedByKernel()).isFalse();
    }

    @Test
    void figuresOfAUnifiedGroup() throws IOException {
        Path group = Files.createDirectories(root.resolve("api-0"));
        Files.writeString(group.resolve("memory.max"), "67108864\n");
        Files.writeString(group.resolve("memory.current"), "60000000\n");
        Files.writeString(group.resolve("memory.peak"), "61000000\n");
        Files.writeString(
                group.resolve("memory.stat"),
                "anon 1000\nfile 90000\nkernel 500\nkernel_stack 60\nsock 7\nshmem 30\nslab_reclaimable 200\nslab_unreclaimable 90\n");
        Files.writeString(
                group.resolve("memory.events"), "low 0\nhigh 0\nmax 12\noom 2\noom_kill 3\noom_group_kill 0\n");
        Files.writeString(group.resolve("memory.events.local"), "low 0\nhigh 0\nmax 12\noom 1\noom_kill 3\n");
        Files.writeString(group.resolve("cgroup.procs"), "12\n13\n");

        assertThat(new CgroupV2(group).usage())
                .isEqualTo(new Usage(1000 + 30 + 7 + 500 - 200, 60000000, 61000000, 67108864, 3, 1, 2));

        Files.writeString(
                group.resolve("memory.stat"),
                "anon 1000\nkernel_stack 60\npagetables 5\npercpu 3\nsock 7\nshmem 30\nslab_reclaimable 200\nslab_unreclaimable 90\n");
        assertThat(new CgroupV2(group).usage().current()).isEqualTo(1000 + 30 + 7 + 60 + 5 + 3 + 90);
    }

    @Test
    void theHostsMemory() throws IOException {
        host("", "");
        Files.writeString(
                root.resolve("proc/meminfo"),
                "MemTotal:        1000 kB\nMemFree:  100 kB\nMemAvailable:     700 kB\nSwapTotal:       50 kB\nSwapFree:        20 kB\n");
        assertThat(HostMemory.read(root)).isEqualTo(new HostMemory(1000 * 1024, 700 * 1024, 50 * 1024, 20 * 1024));
        assertThat(HostMemory.read().total()).isGreaterThan(HostMemory.read().available());
    }

    private void host(String mountinfo, String ownGroups) throws IOException {
        Path self = Files.createDirectories(root.resolve("proc/self"));
        Files.writeString(self.resolve("mountinfo"), "22 28 0:20 / /sys rw - sysfs sysfs rw\n" + mountinfo);
        Files.writeString(self.resolve("cgroup"), ownGroups);
    }

    private Path group(String path, String controllers) throws IOException {
        Path group = Files.createDirectories(root.resolve(path));
        Files.writeString(group.resolve("cgroup.controllers"), controllers + "\n");
        Files.writeString(group.resolve("cgroup.subtree_control"), "");
        Files.writeString(group.resolve("cgroup.procs"), "");
        return group;
    }
}
