package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.bulkhead.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** {@code bulkhead env} and {@code bulkhead processes}. */
class EnvIT {

    @SuppressWarnings("unchecked")
    private static Map<String, String> states(Sandbox sandbox) throws Exception {
        Map<String, Object> document = sandbox.run("env", "api", "--json").ok().json();
        Map<String, Object> instance = ((List<Map<String, Object>>) document.get("instances")).getFirst();
        Map<String, String> states = new TreeMap<>();
        for (Map<String, Object> variable : (List<Map<String, Object>>) instance.get("variables")) {
            states.put((String) variable.get("name"), variable.get("state") + " " + variable.get("fix"));
        }
        return states;
    }

    @Test
    void whatTheProcessHasAgainstWhatIsConfigured() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(".env", "COLOUR=red\nDB_PASS=hunter2-old\nGOES=away\n");
            String file = """
                    apps:
                      api:
                        command: sleep 1000
                        env_file: [.env]
                        environment: {NODE_ENV: production, LEVEL: "%s"}
                        ready: 100ms
                    """;
            sandbox.up(file.formatted("info"));
            assertThat(states(sandbox).values()).containsOnly("same ");
            assertThat(sandbox.run("env", "api").ok().out())
                    .contains("NODE_ENV=production", "COLOUR=red", "DB_PASS=***", "runs with what is configured")
                    .doesNotContain("hunter2");

            sandbox.write(".env", "COLOUR=blue\nDB_PASS=hunter2-new\nCOMES=new\n");
            sandbox.write("bulkhead.yaml", file.formatted("debug"));
            assertThat(states(sandbox))
                    .containsEntry("COLOUR", "changed bulkhead restart api")
                    .containsEntry("DB_PASS", "changed bulkhead restart api")
                    .containsEntry("COMES", "missing bulkhead restart api")
                    .containsEntry("GOES", "extra bulkhead restart api")
                    .containsEntry("LEVEL", "changed bulkhead apply")
                    .containsEntry("NODE_ENV", "same ");
            Sandbox.Result diff = sandbox.run("env", "api", "--diff").ok();
            assertThat(diff.out())
                    .contains("COLOUR", "another value", "not set in the process", "not configured any more")
                    .doesNotContain("NODE_ENV", "hunter2", "blue");
            assertThat(sandbox.run("env", "api", "--json").ok().out()).doesNotContain("hunter2");

            sandbox.run("restart", "api").ok();
            assertThat(states(sandbox))
                    .containsEntry("COLOUR", "same ")
                    .containsEntry("LEVEL", "changed bulkhead apply");
            sandbox.run("apply").ok();
            assertThat(states(sandbox).values()).containsOnly("same ");
            sandbox.run("stop", "api").ok();
            assertThat(sandbox.run("env", "api", "--diff").ok().out()).contains("does not run");
            assertThat(sandbox.run("env", "apy").exits(4).err()).contains("api");
            sandbox.run("env").exits(2);
        }
    }

    @Test
    void whatChangesOnDiskIsToldOnceAndShownUntilTheRestart() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(".env", "COLOUR=red\nDB_PASS=hunter2-old\n");
            sandbox.up("""
                    apps:
                      api: {command: sleep 1000, env_file: [.env], environment: {NODE_OPTIONS: --no-warnings}, ready: 100ms}
                      other: {command: sleep 1000, ready: 100ms}
                    """);
            assertThat(sandbox.run("status").ok().out()).doesNotContain("differ");
            sandbox.write(".env", "COLOUR=blue\nDB_PASS=hunter2-new\n");
            eventually(
                    "status says it",
                    () -> sandbox.run("status")
                            .ok()
                            .out()
                            .contains("api: 2 variables differ from what is on disk: bulkhead env api --diff"));
            assertThat(sandbox.app("other").get("environment_drift")).isEqualTo(List.of());
            assertThat(drifts(sandbox)).hasSize(1);
            assertThat(drifts(sandbox).getFirst()).contains("COLOUR", "DB_PASS").doesNotContain("hunter2", "blue");

            sandbox.write(".env", "COLOUR=blue\nDB_PASS=hunter2-newer\n");
            sandbox.write(".env", "COLOUR=green\nDB_PASS=hunter2-newer\n# no other variable\n");
            assertThat(sandbox.run("env", "api", "--diff").ok().out()).contains("2 variables differ");
            sandbox.run("restart", "api").ok();
            assertThat(sandbox.run("env", "api", "--diff").ok().out()).contains("runs with what is configured");
            eventually(
                    "nothing differs any more",
                    () -> sandbox.app("api").get("environment_drift").equals(List.of()));
            assertThat(drifts(sandbox)).as("the same two names are no news").hasSize(1);

            String file = Files.readString(sandbox.home.resolve("bulkhead.yaml"));
            sandbox.write("bulkhead.yaml", file.replace("{NODE_OPTIONS", "{LEVEL: debug, NODE_OPTIONS"));
            eventually(
                    "a change of bulkhead.yaml too",
                    () -> sandbox.app("api").get("environment_drift").equals(List.of("LEVEL")));
            sandbox.run("apply").ok();
            eventually(
                    "until it is applied",
                    () -> sandbox.app("api").get("environment_drift").equals(List.of()));
        }
    }

    private static List<String> drifts(Sandbox sandbox) throws Exception {
        return sandbox.run("events", "--json", "-n", "1000")
                .ok()
                .out()
                .lines()
                .filter(line -> line.contains("env.drift"))
                .toList();
    }

    /** What dotenv sets is not in /proc/PID/environ: the process itself is asked. */
    @Test
    void whatNodeHasByNowAndItsOwnDotenv() throws Exception {
        assumeTrue(Sandbox.hasNode(), "needs node");
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(".env", "SHOP_KEY=s3cret-one\n");
            sandbox.write(
                    "app.js",
                    "process.env.SHOP_KEY = require('fs').readFileSync('.env', 'utf8').split('=')[1].trim();"
                            + "process.env.LEVEL = 'debug'; setInterval(() => {}, 1000)\n");
            sandbox.up(
                    "apps:\n  api: {command: node app.js, environment: {LEVEL: info}, node: {drain: auto}, ready: 1s}\n");
            eventually(
                    "it says what it has",
                    () -> sandbox.run("env", "api")
                            .ok()
                            .out()
                            .contains(
                                    "set by the program itself since its start (dotenv, process.env): LEVEL (changed), SHOP_KEY"));
            assertThat(states(sandbox)).containsEntry("SHOP_KEY", "same ").containsEntry("LEVEL", "same ");
            sandbox.write(".env", "SHOP_KEY=s3cret-two\n");
            assertThat(states(sandbox)).containsEntry("SHOP_KEY", "changed bulkhead restart api");
            eventually(
                    "it is drift",
                    () -> sandbox.app("api").get("environment_drift").equals(List.of("SHOP_KEY")));
            assertThat(sandbox.run("env", "api", "--json").ok().out()).doesNotContain("s3cret");
        }
    }

    @Test
    void strangersAndSecondCopies() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("app.js", "require('http').createServer().listen(0, '127.0.0.1')\n");
            sandbox.up("apps:\n  api: {command: node app.js, ready: 100ms}\n");
            Process stranger = new ProcessBuilder("node", "app.js", "--token=geheim")
                    .directory(sandbox.home.toFile())
                    .start();
            Process copy = new ProcessBuilder("node", "app.js")
                    .directory(sandbox.home.toFile())
                    .start();
            try {
                long own = sandbox.pid("api");
                eventually(
                        "it listens",
                        () -> !list(row(sandbox, stranger.pid()), "ports").isEmpty());
                assertThat(row(sandbox, stranger.pid()))
                        .containsEntry("kind", "node")
                        .containsEntry("manager", "none")
                        .containsEntry("duplicate_of", null)
                        .containsEntry(
                                "folder",
                                Path.of(sandbox.home.toString()).toRealPath().toString())
                        .containsEntry("stop", "kill " + stranger.pid());
                assertThat(row(sandbox, copy.pid())).containsEntry("duplicate_of", "api");
                assertThat(row(sandbox, own)).as("our own is no stranger").isEmpty();
                String text = sandbox.run("processes").ok().out();
                assertThat(text)
                        .contains("nobody", copy.pid() + " is a second copy of the app api", "to stop " + copy.pid())
                        .doesNotContain("geheim");
            } finally {
                stranger.destroyForcibly().waitFor();
                copy.destroyForcibly().waitFor();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> row(Sandbox sandbox, long pid) throws Exception {
        for (Object row :
                (List<Object>) Json.read(sandbox.run("processes", "--json").ok().out())) {
            if (((Number) ((Map<String, Object>) row).get("pid")).longValue() == pid) {
                return (Map<String, Object>) row;
            }
        }
        return Map.of();
    }

    private static List<?> list(Map<String, Object> row, String key) {
        return row.get(key) instanceof List<?> list ? list : List.of();
    }
}
