package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {

    @Test
    void thisHost() {
        Capabilities host = Capabilities.probe(CgroupHost.detect("bulkhead"));
        assertThat(host.pidfd()).isTrue();
        assertThat(host.root()).isEqualTo(Users.effectiveUser() == 0);
        assertThat(host.kernel()).matches("[0-9]+\\.[0-9]+.*");
    }

    @Test
    void whatIsMissingIsSaidGravestFirst() {
        Capabilities poor = new Capabilities(
                true,
                false,
                false,
                false,
                false,
                false,
                false,
                false,
                false,
                Path.of("/bin/sh"),
                "5.2",
                CgroupHost.none("cgroup v2: not mounted"));
        assertThat(poor.shortcomings()).hasSize(9);
        assertThat(poor.shortcomings().getFirst().what())
                .isEqualTo("kernel 5.2 has no pidfd_open: the daemon cannot run");
        assertThat(poor.shortcomings().toString())
                .contains("sampled, not enforced by the kernel: cgroup v2: not mounted");
    }
}
