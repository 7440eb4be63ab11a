package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class OrphansTest {

    @Test
    void othersAreBuriedAndOurOwnAreLeftAlone() throws Exception {
        int own = child("exit 3");
        int orphan = child("exit 0");
        try (Pidfd ownFd = Pidfd.open(own);
                Pidfd orphanFd = Pidfd.open(orphan)) {
            await().until(() -> ownFd.ended() && orphanFd.ended());

            await().until(() -> {
                Orphans.reap(pid -> pid != orphan);
                return Proc.HOST.stat(orphan).isEmpty();
            });
            assertThat(Proc.HOST.stat(own)).isPresent();
            assertThat(ownFd.reap()).contains(ExitStatus.code(3));
        }
        assertThat(Orphans.areOurs()).isEqualTo(ProcessHandle.current().pid() == 1);
    }

    /** As in a container: a new pid namespace in which this program is process 1. */
    @Test
    void asProcessOneOrphansOfOthersAreBuried() throws Exception {
        assumeTrue(Users.effectiveUser() == 0, "needs root for a pid namespace");
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "needs unshare");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "unshare",
                        "--pid",
                        "--fork",
                        "--mount-proc",
                        "--kill-child",
                        java,
                        "--enable-native-access=ALL-UNNAMED",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        FirstProcess.class.getName())
                .redirectErrorStream(true)
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(process.inputReader().readAllLines()).containsExactly("first true", "buried 2", "own 3");
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void withNothingToBuryNothingIsDone() {
        assertThat(Orphans.reap(pid -> true)).isZero();
    }

    private static int child(String script) throws ErrnoException {
        return new Spawn(Path.of("/bin/sh"), List.of("sh", "-c", script), Map.of()).start();
    }
}
