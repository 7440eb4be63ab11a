package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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

    @Test
    void withNothingToBuryNothingIsDone() {
        assertThat(Orphans.reap(pid -> true)).isZero();
    }

    private static int child(String script) throws ErrnoException {
        return new Spawn(Path.of("/bin/sh"), List.of("sh", "-c", script), Map.of()).start();
    }
}
