package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What npm itself installs, and what is left of it when it is killed. The packages are archives of our own: no registry is asked. */
class LockFileCheckTest {

    private static final String COMMAND = "command: node app.js";

    @TempDir
    static Path made;

    @TempDir
    Path folder;

    private NodeRig rig = new NodeRig(Path.of("/"));

    /** Two versions of a package that needs another, and one whose installation never ends. */
    @BeforeAll
    static void packages() throws Exception {
        archive("deep", "1.0.0", "");
        archive("left", "1.0.0", ",\"dependencies\":{\"deep\":\"file:" + made + "/deep-1.0.0.tgz\"}");
        archive("left", "1.1.0", ",\"dependencies\":{\"deep\":\"file:" + made + "/deep-1.0.0.tgz\"}");
        archive("slow", "1.0.0", ",\"scripts\":{\"install\":\"touch begun; exec sleep 600\"}");
    }

    private static void archive(String name, String version, String members) throws Exception {
        Path source = Files.createDirectories(made.resolve(name + version + "/package"));
        Files.writeString(
                source.resolve("package.json"),
                "{\"name\":\"" + name + "\",\"version\":\"" + version + "\"" + members + "}");
        Files.writeString(source.resolve("index.js"), "module.exports='" + version + "'");
        NodeRig.run(
                source.getParent(),
                "tar",
                "czf",
                made.resolve(name + "-" + version + ".tgz").toString(),
                "package");
    }

    @BeforeEach
    void anInstalledApp() throws Exception {
        rig = new NodeRig(folder);
        rig.write("app.js", "require('left')");
        describe("left", "1.0.0");
        install("install");
    }

    private void describe(String name, String version) throws IOException {
        rig.write(
                "package.json",
                "{\"name\":\"app\",\"version\":\"1.0.0\",\"dependencies\":{\"" + name + "\":\"" + archive(name, version)
                        + "\"}}");
    }

    private static String archive(String name, String version) {
        return "file:" + made.resolve(name + "-" + version + ".tgz");
    }

    private void install(String... words) throws Exception {
        NodeRig.run(folder, npm(words));
    }

    private static String[] npm(String... words) {
        return java.util.stream.Stream.concat(
                        java.util.stream.Stream.of("npm"),
                        java.util.stream.Stream.concat(
                                java.util.Arrays.stream(words),
                                java.util.stream.Stream.of("--offline", "--no-audit", "--no-fund")))
                .toArray(String[]::new);
    }

    @Test
    void whatNpmHasInstalledIsWell() throws Exception {
        assertThat(folder.resolve("node_modules/.package-lock.json")).exists();
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void aKilledInstallation() throws Exception {
        rig.write(
                "package.json",
                "{\"name\":\"app\",\"version\":\"1.0.0\",\"dependencies\":{\"left\":\"" + archive("left", "1.0.0")
                        + "\",\"slow\":\"" + archive("slow", "1.0.0") + "\"}}");
        install("install", "--package-lock-only");
        Process npm = new ProcessBuilder(npm("ci"))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("npm.log").toFile())
                .start();
        try {
            await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(folder.resolve("node_modules/slow/begun")));
        } finally {
            npm.descendants().forEach(ProcessHandle::destroyForcibly);
            npm.destroyForcibly();
            assertThat(npm.waitFor(20, TimeUnit.SECONDS)).isTrue();
        }
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR lockfile: the installation in ./node_modules was interrupted: packages or files of them are"
                                + " missing | node_modules/.package-lock.json is missing; npm writes it last | cd . && npm ci");
    }

    @Test
    void anotherLockFileThanTheInstalledOne() throws Exception {
        describe("left", "1.1.0");
        install("install", "--package-lock-only");
        assertThat(rig.look(COMMAND))
                .containsExactly(
                        "ERROR lockfile: node_modules is not what package-lock.json says: 1 package missing or of another"
                                + " version | node_modules/left: 1.1.0 in the lock file, 1.0.0 installed | cd . && npm ci");
    }

    @Test
    void aDescriptionThatTheLockFileDoesNotKnow() throws Exception {
        describe("left", "1.1.0");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("WARNING lockfile: package.json and package-lock.json do not agree");
    }

    @Test
    void packagesForDevelopmentMayBeLeftOut() throws Exception {
        rig.write(
                "package.json",
                "{\"name\":\"app\",\"version\":\"1.0.0\",\"devDependencies\":{\"left\":\"" + archive("left", "1.0.0")
                        + "\"}}");
        install("install");
        install("ci", "--omit=dev");
        rig.write("app.js", "");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void whatOtherManagersLeaveBehind() throws Exception {
        NodeRig.run(folder, "rm", "-r", "node_modules", "package-lock.json");
        rig.installed("left", "1.0.0");
        rig.write("yarn.lock", "# yarn lockfile v1\n");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR lockfile:")
                .endsWith("yarn writes it last | cd . && yarn install --frozen-lockfile");
        rig.write("node_modules/.yarn-integrity", "{}");
        assertThat(rig.look(COMMAND)).isEmpty();
        NodeRig.run(folder, "rm", "yarn.lock", "node_modules/.yarn-integrity");
        rig.write("pnpm-lock.yaml", "lockfileVersion: '9.0'\n");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith("ERROR lockfile:")
                .contains("node_modules/.modules.yaml is missing");
        rig.write("node_modules/.modules.yaml", "hoistPattern: ['*']\n");
        assertThat(rig.look(COMMAND)).isEmpty();
    }

    @Test
    void aBrokenLockFileIsAWarning() throws Exception {
        rig.write("package-lock.json", "{\"packages\": {\"node_modules/left\": {");
        assertThat(rig.look(COMMAND))
                .singleElement()
                .asString()
                .startsWith(
                        "WARNING lockfile: the check lockfile could not look: ./package-lock.json is no valid JSON");
    }
}
