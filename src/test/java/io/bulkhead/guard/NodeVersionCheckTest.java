package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.e2e.NodePackages;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With real binaries of Node 18, 22 and 24. */
class NodeVersionCheckTest {

    private static final String COMMAND = "command: node app.js";

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));
    private Path bin = Path.of("/");

    @BeforeEach
    void anApp() throws Exception {
        rig = new NodeRig(folder);
        rig.write("app.js", "");
        describe("");
        use(22);
    }

    private void use(int major) throws Exception {
        bin = NodePackages.installed().binOf(major);
        rig.with("PATH", bin + ":/usr/bin:/bin");
    }

    private void describe(String members) throws IOException {
        rig.write("package.json", "{\"name\":\"app\"" + (members.isEmpty() ? "" : "," + members) + "}");
    }

    @Test
    void enginesOfTheApp() throws Exception {
        describe("\"engines\":{\"node\":\"^18.12.0 || >=20\"}");
        assertThat(rig.look(COMMAND)).isEmpty();
        describe("\"engines\":{\"node\":\">=18 <22\"}");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR node-version: it would run on node 22.23.3, and its package.json wants >=18 <22 | node 22.23.3 ("
                                + bin
                                + "/node); ./package.json: engines.node: >=18 <22 | run it with a node that fits: write its full path in"
                                + " command, or set PATH in environment");
        describe("\"engines\":{\"node\":\"whatever\"}");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void theVersionIsThatOfTheBinaryThatWillRun() throws Exception {
        describe("\"engines\":{\"node\":\">=18 <22\"},\"scripts\":{\"start\":\"node app.js\"}");
        assertThat(rig.look("command: npm start")).hasSize(1);
        assertThat(rig.look("command: {shell: 'exec node app.js'}")).hasSize(1);
        Path other = NodePackages.installed().binOf(18);
        assertThat(rig.look("command: " + other + "/node app.js")).isEmpty();
        use(18);
        assertThat(rig.look("command: npm start")).isEmpty();
    }

    @Test
    void versionFiles() throws Exception {
        rig.write(".nvmrc", "# ours\nlts/jod\n");
        assertThat(rig.look(COMMAND)).isEmpty();
        rig.write(".nvmrc", "lts/iron\n");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR node-version:")
                .contains(".nvmrc says lts/iron");
        rig.write(".nvmrc", "v22.23.1\n");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING node-version:")
                .contains("v22.23.1");
        Files.delete(folder.resolve(".nvmrc"));
        rig.write(".node-version", "22\n");
        assertThat(rig.look(COMMAND)).isEmpty();
        rig.write(".node-version", "24.21.0");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR node-version:")
                .contains(".node-version says 24.21.0");
        rig.write(".node-version", "node\n");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void theConfigurationsOwnRange() throws Exception {
        assertThat(rig.look(COMMAND, "checks: {node: '>=20 <25'}")).isEmpty();
        assertThat(rig.look(COMMAND, "checks: {node: '>=24'}"))
                .singleElement()
                .asString()
                .startsWith("ERROR node-version: it would run on node 22.23.3, and checks.node wants >=24 |");
        assertThat(rig.look(COMMAND, "checks: {node: 'newest'}"))
                .singleElement()
                .asString()
                .startsWith("ERROR node-version: checks.node: newest is no range of versions");
    }

    @Test
    void enginesOfWhatIsInstalledAreAWarning() throws Exception {
        rig.installed("modern", "3.0.0", "\"engines\":{\"node\":\">=24\"}");
        rig.installed("@scope/fine", "1.0.0", "\"engines\":{\"node\":\">= 8\"}");
        rig.installed("ancient", "1.0.0", "\"engines\":[\"node >= 0.2\"]");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING node-version: 1 installed package not made for node 22.23.3")
                .contains("modern 3.0.0 wants node >=24 |");
    }

    @Test
    void anotherProgramIsNotAsked() throws Exception {
        describe("\"engines\":{\"node\":\"<1\"}");
        assertThat(rig.look("command: sleep 1")).isEqualTo(List.of());
    }

    @Test
    void aBinaryThatTellsNoVersion() throws Exception {
        Path fake = rig.write("bin/node", "#!/bin/sh\necho hello\n");
        fake.toFile().setExecutable(true);
        assertThat(rig.look("command: " + fake + " app.js"))
                .singleElement()
                .asString()
                .startsWith("WARNING node-version: ./bin/node --version tells no version of Node");
    }
}
