package io.bulkhead.e2e;

import static io.bulkhead.e2e.Sandbox.alive;
import static io.bulkhead.e2e.Sandbox.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What is knowable before a start is told before it, and nothing is touched. */
class PreflightIT {

    private static final String CHECKED = "checks: {files: [built.js]}";

    @Test
    void aStartIsRefusedWithTheRemedyAndAnOverrideIsRecorded() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.up("apps:\n  web: {command: sleep 100000, autostart: false, " + CHECKED + "}\n");
            Sandbox.Result refused = sandbox.run("start", "web").exits(5);
            assertThat(refused.err())
                    .contains("built.js: no such file or directory", "nothing was done", "--skip files")
                    .containsOnlyOnce("built.js: no such file");
            assertThat(sandbox.state("web")).isEqualTo("stopped");
            assertThat(sandbox.run("why", "web").ok().out()).contains("start refused", "the check files: ", "built.js");
            assertThat(sandbox.run("start", "web", "--skip", "file").exits(2).err())
                    .contains(
                            "there is no such check",
                            "env-values, exit-collection, external-identity, externals, files");
            assertThat(sandbox.run("start", "web", "--json").exits(5).all()).contains("\"error\"", "built.js");

            sandbox.run("start", "web", "--skip", "files", "--skip", "disk").ok();
            assertThat(alive(sandbox.pid("web"))).isTrue();
            assertThat(sandbox.run("why", "web").ok().out()).doesNotContain("refused");
            assertThat(sandbox.run("events").ok().out())
                    .contains("web: start refused by the check files: ")
                    .containsPattern("web: asked by \\w+: start without the checks files, disk");
        }
    }

    @Test
    void aReloadIsRefusedAndTheOldGoesOn() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path built = sandbox.write("built.js", "1");
            sandbox.up("apps:\n  web: {command: sleep 100000, " + CHECKED + "}\n");
            long pid = sandbox.pid("web");
            sandbox.run("check").ok();
            Files.delete(built);
            assertThat(sandbox.run("check").exits(5).out()).contains("error   web: ", "built.js");
            assertThat(sandbox.run("reload", "web").exits(5).err()).contains("built.js");
            assertThat(sandbox.run("reload", "all").exits(5).err()).contains("built.js");
            assertThat(sandbox.pid("web")).isEqualTo(pid);
            assertThat(alive(pid)).isTrue();

            Sandbox.kill(pid, "KILL");
            eventually(
                    "a crash is answered without a look",
                    () -> sandbox.pid("web") != pid && sandbox.state("web").equals("up"));
            long next = sandbox.pid("web");
            assertThat(sandbox.run("restart", "web").ok().err())
                    .as("what would not make it fail does not keep a person from it")
                    .contains("error   web: ", "built.js");
            long restarted = sandbox.pid("web");
            assertThat(restarted).isNotEqualTo(next);
            sandbox.run("reload", "web", "--force").ok();
            assertThat(sandbox.pid("web")).isNotEqualTo(restarted);
            assertThat(sandbox.run("events").ok().out())
                    .containsPattern("web: asked by \\w+: reload in spite of files: ");
        }
    }

    @Test
    void ofAnApplyAllIsDoneOrNothing() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            Path built = sandbox.write("built.js", "1");
            String yaml = """
                    apps:
                      a: {command: sleep 100001, checks: {files: [built.js]}}
                      b: {command: sleep 100002}
                      c: {command: sleep 100003}
                    """;
            sandbox.up(yaml);
            long a = sandbox.pid("a");
            long b = sandbox.pid("b");
            Files.delete(built);
            sandbox.write("bulkhead.yaml", yaml.replace("sleep 100003", "no-such-program"));
            assertThat(sandbox.run("apply").exits(5).err()).contains("no-such-program", "nothing was changed");
            sandbox.write(
                    "bulkhead.yaml",
                    yaml.replace("sleep 100002}", "sleep 100004}")
                            .replace("sleep 100003}", "sleep 100005, checks: {files: [other.js]}}"));
            assertThat(sandbox.run("apply", "--dry-run").exits(5).err()).contains("other.js");
            assertThat(sandbox.run("apply").exits(5).err()).contains("other.js", "nothing was changed", "--skip files");
            assertThat(sandbox.pid("b")).isEqualTo(b);

            assertThat(sandbox.run("apply", "b").ok().all())
                    .as("a is unchanged and is not looked at")
                    .doesNotContain("built.js");
            assertThat(sandbox.pid("b")).isNotEqualTo(b);
            sandbox.run("apply", "--skip", "files").ok();
            assertThat(sandbox.pid("a")).isEqualTo(a);
            assertThat(sandbox.run("events").ok().out())
                    .contains("c: apply refused by the check command: no-such-program");
        }
    }

    @Test
    void upLooksBeforeThereIsADaemon() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", "apps:\n  web: {command: sleep 100000, " + CHECKED + "}\n");
            assertThat(sandbox.run("up", "-d").exits(5).err()).contains("web: ", "built.js", "--skip files");
            sandbox.run("status").exits(3);
            assertThat(sandbox.run("up", "-d", "--skip", "nothing").exits(2).err())
                    .contains("there is no such check");
            sandbox.run("up", "-d", "--skip", "files").ok();
            assertThat(sandbox.state("web")).isEqualTo("up");
            assertThat(sandbox.run("events").ok().out()).contains("up without the check files");
        }
    }
}
