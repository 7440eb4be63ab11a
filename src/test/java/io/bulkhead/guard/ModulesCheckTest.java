package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModulesCheckTest {

    private static final String COMMAND = "command: node dist/main";

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));

    @BeforeEach
    void anApp() throws IOException {
        rig = new NodeRig(folder);
        rig.write("dist/main.js", "require('left')");
        rig.write(
                "package.json",
                "{\"name\":\"app\",\"dependencies\":{\"left\":\"^1\",\"@scope/right\":\"*\",\"maybe\":\"1\"},"
                        + "\"optionalDependencies\":{\"maybe\":\"1\"}}");
        rig.installed("left", "1.0.0");
        rig.installed("@scope/right", "2.0.0");
    }

    private void remove(String path) throws Exception {
        NodeRig.run(folder, "rm", "-r", path);
    }

    @Test
    void allThatIsNeededIsThere() throws Exception {
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void aPackageThatIsNotInstalled() throws Exception {
        remove("node_modules/left");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR modules: 1 package missing or damaged in ./node_modules | left is not installed |"
                                + " cd . && npm install");
    }

    @Test
    void aPackageWithoutItsDescription() throws Exception {
        remove("node_modules/@scope/right/package.json");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR modules:")
                .contains("node_modules/@scope/right has no package.json");
        rig.write("node_modules/@scope/right/package.json", "{\"name\": \"rig");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR modules:")
                .contains("right/package.json is no valid JSON");
    }

    /** What is only needed by others is known from npm's own list. */
    @Test
    void aPackageOfAPackage() throws Exception {
        rig.installed("left/node_modules/deep", "1.0.0");
        rig.write(
                "node_modules/.package-lock.json",
                "{\"lockfileVersion\":3,\"packages\":{\"node_modules/left\":{\"version\":\"1.0.0\"},"
                        + "\"node_modules/left/node_modules/deep\":{\"version\":\"1.0.0\"},"
                        + "\"node_modules/other\":{\"version\":\"1.0.0\",\"optional\":true}}}");
        assertThat(rig.look(COMMAND)).isEmpty();
        remove("node_modules/left/node_modules/deep");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR modules:")
                .contains("node_modules/left/node_modules/deep is not there");
    }

    @Test
    void nothingAtAll() throws Exception {
        remove("node_modules");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR modules: ./node_modules is missing: none of 2 packages in package.json is installed | left; @scope/right |"
                                + " cd . && npm install");
    }

    @Test
    void aBundleNeedsNothing() throws Exception {
        remove("node_modules");
        rig.write("dist/main.js", "console.log('all in one')");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void theAppsOwnDescriptionIsBroken() throws Exception {
        rig.write("package.json", "{\"name\": \"app\",}");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR modules: ./package.json is no valid JSON");
    }

    @Test
    void theConfigurationHasTheLastWord() throws Exception {
        remove("node_modules");
        assertThat(rig.look(COMMAND, "checks: {modules: false}")).isEmpty();
        rig.write("dist/main.js", "console.log('all in one')");
        assertThat(rig.look(COMMAND, "checks: {modules: true}"))
                .singleElement()
                .asString()
                .startsWith("ERROR modules:");
        assertThat(rig.look(COMMAND, "checks: {lockfile: true}"))
                .singleElement()
                .asString()
                .startsWith("ERROR lockfile: checks.lockfile is on, and . has no lock file");
    }

    /** JSON.parse takes it, and so must we. */
    @Test
    void aKeyThatIsThereTwice() throws Exception {
        rig.write("node_modules/left/package.json", "{\"name\":\"left\",\"version\":\"1\",\"version\":\"1.0.0\"}");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void hugeAndUnreadableOnesAreSaid() throws Exception {
        rig.write("node_modules/left/package.json", "{\"name\":\"" + "x".repeat(2 << 20) + "\"}");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING modules: some of ./node_modules could not be looked at")
                .contains("left/package.json cannot be read: it is larger than 1 MiB");
    }

    @Test
    void linksThatGoRoundAreNotFollowed() throws Exception {
        Files.createSymbolicLink(folder.resolve("node_modules/self"), folder);
        Files.createSymbolicLink(folder.resolve("node_modules/left/node_modules"), folder.resolve("node_modules"));
        assertThat(rig.look(COMMAND)).isEmpty();
        Files.createSymbolicLink(folder.resolve("node_modules/loop"), folder.resolve("node_modules/loop"));
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith(
                        "WARNING modules: some of ./node_modules could not be looked at | ./node_modules/loop/package.json cannot be read");
    }

    @Test
    void packagesOfAWorkspaceLieAbove() throws Exception {
        rig.write("package.json", "{\"name\":\"all\",\"workspaces\":[\"apps/*\"]}");
        rig.write(
                "package-lock.json",
                "{\"lockfileVersion\":3,\"packages\":{\"\":{},\"node_modules/left\":{\"version\":\"1.0.0\"}}}");
        rig.write("node_modules/.package-lock.json", "{\"packages\":{\"node_modules/left\":{\"version\":\"1.0.0\"}}}");
        rig.write("apps/api/package.json", "{\"name\":\"api\",\"dependencies\":{\"left\":\"^1\"}}");
        rig.write("apps/api/main.js", "require('left')");
        assertThat(rig.look("working_dir: apps/api", "command: node main.js")).isEmpty();
        remove("node_modules/left");
        assertThat(rig.look("working_dir: apps/api", "command: node main.js"))
                .singleElement()
                .asString()
                .startsWith("ERROR modules:");
    }
}
