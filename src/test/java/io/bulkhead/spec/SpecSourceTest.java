package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bulkhead.json.Json;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpecSourceTest {

    @TempDir
    Path folder;

    @Test
    void aConfigurationSurvivesTheWayToAnotherProcess() throws Exception {
        Spec spec = Reader.in(folder).spec("""
                        server: {reserve: 20%, budget: refuse, inherit_environment: true}
                        pools: {workers: {memory: 1G}}
                        port_guard: {orphan_tunnels: close}
                        externals:
                          postgres: {address: "127.0.0.1:5432", process: postgres}
                          six: {address: "[::1]:6379"}
                          here: {address: 5000}
                          file: {address: /run/x.sock}
                        apps:
                          a: {command: [x, "a b ü \\n"], pool: workers, environment: {P: 's "e" $c'}, depends_on: [postgres]}
                          b: {command: y, working_dir: /srv/b}
                        """);
        Spec restored = SpecSource.restore(Json.read(Json.write(SpecSource.of(spec))));

        assertThat(restored.apps()).isEqualTo(spec.apps());
        assertThat(restored.externals()).isEqualTo(spec.externals());
        assertThat(restored.pools()).isEqualTo(spec.pools());
        assertThat(restored.portGuard()).isEqualTo(spec.portGuard());
        assertThat(restored.server()).isEqualTo(spec.server());
    }

    @Test
    void oneWithoutAnythingDoesToo() throws Exception {
        Spec spec = Reader.in(folder).spec("apps: {}\n");
        assertThat(SpecSource.restore(Json.read(Json.write(SpecSource.of(spec))))
                        .apps())
                .isEmpty();
    }

    @Test
    void anythingElseIsRefused() {
        assertThatThrownBy(() -> SpecSource.restore("x")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> SpecSource.restore(Map.of("apps", Map.of(), "shared", "server: {later: 1}")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("later");
    }
}
