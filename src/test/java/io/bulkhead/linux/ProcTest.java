package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcTest {

    private static final String REST =
            " 1 42 42 0 -1 4194304 100 0 0 0 11 7 0 0 20 0 3 0 98765 1000000 250 18446744073709551615 1 1 0 0 0 0 0 0 0"
                    + " 0 0 0 17 1 0 0 0 0 0 0 0 0 0 0 0 0 ";

    @TempDir
    Path root;

    @Test
    void namesWithBlanksAndParenthesesAreRead() {
        ProcessStat stat = ProcessStat.parse("42 (a) (b c) Z 7 (x)" + " S" + REST + "35584\n")
                .orElseThrow();
        assertThat(stat).isEqualTo(new ProcessStat(42, "a) (b c) Z 7 (x", 'S', 1, 42, 42, 18, 3, 98765, 250, 35584));
        assertThat(ExitStatus.fromWait(35584)).isEqualTo(ExitStatus.code(139));
        assertThat(ExitStatus.fromWait(139)).isEqualTo(ExitStatus.signal(Signals.SEGV));
        assertThat(ExitStatus.fromWait(9)).isEqualTo(ExitStatus.signal(Signals.KILL));
    }

    @Test
    void brokenLinesAreNoProcess() {
        for (String line :
                List.of("", "42", "42 (a", "42 (a) S 1 2 3", "x (a) S" + REST + "0", "42 (a) S" + REST + "x")) {
            assertThat(ProcessStat.parse(line)).as(line).isEmpty();
        }
    }

    @Test
    void figuresOfAProcess() throws IOException {
        Path process = Files.createDirectories(root.resolve("42"));
        Files.createDirectories(root.resolve("self"));
        Files.writeString(
                process.resolve("status"),
                "Name:\tx\nUid:\t1000\t1001\t1000\t1000\nVmRSS:\t  300 kB\nRssAnon:\t  100 kB\nRssShmem:\t   50 kB\n");
        Files.writeString(process.resolve("smaps_rollup"), "00-ff ---p 0\nRss:  300 kB\nPss:   200 kB\n");
        Files.writeString(process.resolve("cmdline"), "node\0a b\0\0");
        Files.writeString(process.resolve("environ"), "A=1\0XBULKHEAD_RUN=no\0BULKHEAD_RUN=api-0.7\0EMPTY=\0");
        Files.writeString(process.resolve("cgroup"), "4:memory:/a:b/c\n2:cpu,cpuacct:/x\n0::/unified\n");
        Proc proc = new Proc(root);

        assertThat(proc.pids()).containsExactly(42);
        assertThat(proc.user(42)).hasValue(1001);
        assertThat(proc.rss(42)).hasValue(300 * 1024);
        assertThat(proc.pss(42)).hasValue(200 * 1024);
        assertThat(proc.unreclaimable(42)).hasValue(150 * 1024);
        assertThat(proc.commandLine(42)).containsExactly("node", "a b", "");
        assertThat(proc.environment(42, "BULKHEAD_RUN")).contains("api-0.7");
        assertThat(proc.environment(42, "EMPTY")).contains("");
        assertThat(proc.environment(42, "RUN")).isEmpty();
        assertThat(proc.marked("BULKHEAD_RUN", "api-0.7")).containsExactly(42);
        assertThat(proc.marked("BULKHEAD_RUN", "api-0")).isEmpty();
        assertThat(proc.cgroup(42, "memory")).contains("/a:b/c");
        assertThat(proc.cgroup(42, "cpuacct")).contains("/x");
        assertThat(proc.cgroup(42, "")).contains("/unified");
        assertThat(proc.cgroup(42, "pids")).isEmpty();
        assertThat(proc.stat(43)).isEmpty();
        assertThat(proc.rss(43)).isEmpty();
    }

    /** What the kernel hides is 0; that must not become "exited with code 0". */
    @Test
    void aHiddenExitStatusIsNotAZero() throws IOException {
        Path process = Files.createDirectories(root.resolve("42"));
        Files.writeString(process.resolve("stat"), "42 (x) Z" + REST + "0\n");
        Files.writeString(process.resolve("status"), "Name:\tx\nUid:\t1001\t1001\t1001\t1001\n");
        Path self = Files.createDirectories(root.resolve("self"));

        Files.writeString(self.resolve("status"), "Name:\tj\nUid:\t0\t0\t0\t0\nCapEff:\t0000000000000000\n");
        assertThat(new Proc(root).exitStatus(42)).isEmpty();
        Files.writeString(self.resolve("status"), "Name:\tj\nUid:\t0\t0\t0\t0\nCapEff:\t0000000000080000\n");
        assertThat(new Proc(root).exitStatus(42)).contains(ExitStatus.code(0));
        Files.writeString(
                self.resolve("status"), "Name:\tj\nUid:\t1001\t1001\t1001\t1001\nCapEff:\t0000000000000000\n");
        assertThat(new Proc(root).exitStatus(42)).contains(ExitStatus.code(0));
        Files.writeString(process.resolve("stat"), "42 (x) Z" + REST + "256\n");
        assertThat(new Proc(root).exitStatus(42)).contains(ExitStatus.code(1));
    }

    @Test
    void thisProcess() {
        int own = (int) ProcessHandle.current().pid();
        ProcessIdentity identity = ProcessIdentity.of(own).orElseThrow();
        assertThat(identity.exists()).isTrue();
        assertThat(new ProcessIdentity(identity.bootId(), own, identity.startTicks() + 1).exists())
                .isFalse();
        assertThat(new ProcessIdentity("another boot", own, identity.startTicks()).exists())
                .isFalse();
        assertThat(Proc.HOST.children(Proc.HOST.stat(own).orElseThrow().parent()))
                .contains(own);
        assertThat(Proc.HOST.rss(own).orElseThrow()).isGreaterThan(1 << 20);
    }
}
