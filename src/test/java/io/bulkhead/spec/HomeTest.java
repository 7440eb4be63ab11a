package io.bulkhead.spec;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HomeTest {

    private static final Path HERE = Path.of("/somewhere/here");
    private static final Path ROOT = Path.of("/");

    @Test
    void rootLivesWhereTheStandardOfTheFileSystemSays() {
        Home home = Home.resolve("", Map.of("HOME", "/root"), true, HERE, ROOT);
        assertThat(home.system()).isTrue();
        assertThat(home.config()).hasToString("/etc/bulkhead/bulkhead.yaml");
        assertThat(home.configFolder()).contains(Path.of("/etc/bulkhead/conf.d"));
        assertThat(home.state()).hasToString("/var/lib/bulkhead");
        assertThat(home.log()).hasToString("/var/log/bulkhead");
        assertThat(home.socket()).hasToString("/run/bulkhead/bulkhead.sock");
        assertThat(home.folder()).hasToString("/var/lib/bulkhead");
    }

    @Test
    void aNamedHomeHoldsEverything() {
        Home home = Home.resolve("", Map.of("BULKHEAD_HOME", "/srv/b"), true, HERE, ROOT);
        assertThat(home.system()).isFalse();
        assertThat(home.config()).hasToString("/srv/b/bulkhead.yaml");
        assertThat(home.configFolder()).isEmpty();
        assertThat(home.state()).hasToString("/srv/b/state");
        assertThat(home.log()).hasToString("/srv/b/log");
        assertThat(home.run()).hasToString("/srv/b/run");
        assertThat(home.folder()).hasToString("/srv/b");
    }

    @Test
    void theOptionComesBeforeTheVariableAndIsRelativeToTheFolder() {
        assertThat(Home.resolve("../x", Map.of("BULKHEAD_HOME", "/srv/b"), true, HERE, ROOT)
                        .folder())
                .hasToString("/somewhere/x");
    }

    @Test
    void aUserLivesInTheStateFolder() {
        assertThat(Home.resolve("", Map.of("HOME", "/home/u"), false, HERE, ROOT)
                        .folder())
                .hasToString("/home/u/.local/state/bulkhead");
        assertThat(Home.resolve("", Map.of("HOME", "/home/u", "XDG_STATE_HOME", "/data"), false, HERE, ROOT)
                        .folder())
                .hasToString("/data/bulkhead");
        assertThat(Home.resolve("", Map.of("HOME", "/home/u", "XDG_STATE_HOME", "relative"), false, HERE, ROOT)
                        .folder())
                .hasToString("/home/u/.local/state/bulkhead");
        assertThat(Home.resolve("", Map.of("HOME", "/home/u", "BULKHEAD_HOME", ""), false, HERE, ROOT)
                        .folder())
                .hasToString("/home/u/.local/state/bulkhead");
    }
}
