package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ServiceUnitTest {

    private final long self = ProcessHandle.current().pid();

    @Test
    void whoSystemdStartedItselfIsTheMainProcess() {
        assertThat(ServiceUnit.isMain(Map.of("INVOCATION_ID", "a1", "SYSTEMD_EXEC_PID", Long.toString(self))))
                .isTrue();
    }

    /** A deployment's script, a cron job: `nohup bulkhead daemon &` there is no service, though it stands in the group of one. */
    @Test
    void whatAScriptOfSomeServiceLeftBehindIsNot() {
        assertThat(ServiceUnit.isMain(Map.of("INVOCATION_ID", "a1", "SYSTEMD_EXEC_PID", Long.toString(self + 1))))
                .isFalse();
    }

    @Test
    void noServiceHasNoMainProcess() {
        assertThat(ServiceUnit.isMain(Map.of())).isFalse();
    }
}
