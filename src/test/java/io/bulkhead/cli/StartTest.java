package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.api.FakeControl;
import io.bulkhead.api.HttpLimits;
import io.bulkhead.api.HttpServer;
import io.bulkhead.api.Routes;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is an app, what is a script, and what runs it. The fake daemon has the apps api and worker. */
@Timeout(60)
class StartTest {

    @TempDir
    Path folder;

    private final FakeControl control = new FakeControl();
    private Shell shell;
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        shell = new Shell(folder);
        shell.environment.put("BULKHEAD_HOME", folder.resolve("h").toString());
        shell.environment.put("PATH", "/some/bin");
        server = serve(Home.at(folder.resolve("h")));
    }

    private HttpServer serve(Home home) throws IOException {
        Files.createDirectories(home.run());
        return HttpServer.start(home.socket(), new Routes(control), HttpLimits.DEFAULT);
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void file(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void program(String name, String text) throws IOException {
        file(name, text);
        folder.resolve(name).toFile().setExecutable(true);
    }

    private String asked(String name, String command) {
        return "scripts all {\"wait\":true,\"name\":\"" + name + "\",\"command\":" + command + ",\"workingDir\":\""
                + folder + "\",\"path\":\"/some/bin\"}";
    }

    @Test
    void aScriptBecomesAnAppOfThisFolder() throws IOException {
        file("dist/main.min.js", "");
        assertThat(shell.run("start", "dist/main.min.js", "--", "--port", "3000", "a b"))
                .as(shell.err())
                .isZero();
        assertThat(control.asked)
                .containsExactly(asked("main.min", "[\"node\",\"dist/main.min.js\",\"--port\",\"3000\",\"a b\"]"));
        assertThat(shell.run("start", "dist/main.min.js", "-n", "web", "-i", "3", "--memory", "512M", "--no-wait"))
                .isZero();
        assertThat(control.asked.getLast())
                .contains("\"wait\":false", "\"name\":\"web\"", "\"instances\":3", "\"memory\":\"512M\"");
        assertThat(shell.run("start", "dist/main.min.js", "-i", "max")).isZero();
        assertThat(control.asked.getLast()).contains("\"instances\":\"max\"");
        assertThat(shell.run("start", "dist/main.min.js", "-i", "many")).isEqualTo(2);
    }

    @Test
    void extensionOrFirstLineOrModeSayWhatRunsIt() throws IOException {
        file("a.cjs", "");
        file("a.mjs", "");
        file("b.py", "");
        file("c.php", "<?php");
        file("d.sh", "echo");
        file("e.sh", "#!/bin/bash -e\necho");
        program("f", "#!/bin/sh\n");
        program("g.py", "#!/srv/venv/bin/python\n");
        file("k", "#!/usr/bin/env python3\n");
        List<String> commands = new ArrayList<>();
        for (String script : List.of("a.cjs", "./a.mjs", "b.py", "c.php", "d.sh", "e.sh", "./f", "f", "g.py", "k")) {
            assertThat(shell.run("start", script)).as(shell.err()).isZero();
            String asked = control.asked.getLast();
            commands.add(asked.substring(asked.indexOf('['), asked.indexOf(']') + 1));
        }
        assertThat(commands)
                .containsExactly(
                        "[\"node\",\"a.cjs\"]",
                        "[\"node\",\"./a.mjs\"]",
                        "[\"python3\",\"b.py\"]",
                        "[\"php\",\"c.php\"]",
                        "[\"sh\",\"d.sh\"]",
                        "[\"/bin/bash\",\"-e\",\"e.sh\"]",
                        "[\"./f\"]",
                        "[\"./f\"]",
                        "[\"./g.py\"]",
                        "[\"/usr/bin/env\",\"python3\",\"k\"]");
    }

    @Test
    void theNameOfAnAppMeansTheAppWhateverFilesThereAre() throws IOException {
        program("api", "#!/bin/sh\n");
        assertThat(shell.run("start", "api", "worker")).isZero();
        assertThat(control.asked).containsExactly("start api {\"wait\":true}", "start worker {\"wait\":true}");
        assertThat(shell.run("start", "./api")).isZero();
        assertThat(control.asked.getLast()).startsWith("scripts all {").contains("[\"./api\"]");
        assertThat(shell.run("start", "nix")).isEqualTo(4);
        assertThat(shell.err()).contains("there is no app nix");
    }

    @Test
    void whatCannotBeRunIsSaidWithTheRemedy() throws IOException {
        assertThat(shell.run("start", "server.js")).isEqualTo(5);
        assertThat(shell.err()).contains("there is no file " + folder.resolve("server.js"));
        file("data", "1;2");
        assertThat(shell.run("start", "data")).isEqualTo(5);
        assertThat(shell.err()).contains("nothing says what runs", "chmod +x data");
        for (String file : List.of("ecosystem.config.js", "processes.json", "old.yml")) {
            file(file, "");
            assertThat(shell.run("start", file)).isEqualTo(1);
            assertThat(shell.err()).contains("PM2 is not available yet", "bulkhead import pm2 " + file);
        }
        file("supervisord.conf", "");
        assertThat(shell.run("start", "supervisord.conf")).isEqualTo(1);
        assertThat(shell.err()).contains("bulkhead import supervisor supervisord.conf");
        file("a.js", "");
        assertThat(shell.run("start", "a.js", "b.js")).isEqualTo(2);
        assertThat(shell.err()).contains("bulkhead start a.js -- b.js");
        assertThat(shell.run("start", "a.js", "--port", "3000")).isEqualTo(2);
        assertThat(shell.err()).contains("bulkhead start SCRIPT -- --port");
        assertThat(control.asked).isEmpty();
    }

    @Test
    void typeScriptNeedsANodeThatCan() throws IOException {
        file("main.ts", "");
        program("bin/node", "#!/bin/sh\necho v20.19.0\n");
        shell.environment.put("PATH", folder.resolve("bin").toString());
        assertThat(shell.run("start", "main.ts")).isEqualTo(5);
        assertThat(shell.err()).contains("node v20.19.0 does not run TypeScript", "22.18");
        assertThat(List.of("v22.18.0", "v23.6.1", "v24.0.0", "v25.1.0")).allMatch(TypeScript::strips);
        assertThat(List.of("v18.20.1", "v22.17.9", "v23.5.0")).noneMatch(TypeScript::strips);
        program("bin/node", "#!/bin/sh\necho v24.1.0\n");
        assertThat(shell.run("start", "main.ts")).isZero();
    }

    /** With root's daemon on the machine, a person's own is started beside it, and that is said. */
    @Test
    void aDaemonIsStartedWhereThereIsNoneOfOnesOwn() throws IOException {
        server.close();
        file("a.js", "");
        shell.root = false;
        shell.environment.remove("BULKHEAD_HOME");
        shell.environment.put("HOME", folder.resolve("me").toString());
        Home mine = Home.at(folder.resolve("me/.local/state/bulkhead"));
        shell.starter = (caller, home) -> {
            assertThat(home).isEqualTo(mine);
            server = serve(home);
            return 77;
        };
        try (HttpServer roots = serve(Home.system(shell.systemRoot))) {
            assertThat(shell.run("start", "a.js")).as(shell.err()).isZero();
        }
        assertThat(shell.err())
                .contains(
                        "started a daemon for " + mine.folder() + " (pid 77), of your own beside root's",
                        "at boot: bulkhead startup");
        assertThat(control.asked).containsExactly(asked("a", "[\"node\",\"a.js\"]"));
        assertThat(shell.run("start", "a.js")).isZero();
        assertThat(shell.err()).doesNotContain("daemon");
    }

    @Test
    void aDaemonThatDoesNotStartIsToldWithItsWords() throws IOException {
        server.close();
        file("a.js", "");
        shell.starter = (caller, home) -> {
            throw new IOException("bulkhead.yaml:1:1: wrong\nthe daemon ended");
        };
        assertThat(shell.run("start", "a.js")).isEqualTo(3);
        assertThat(shell.err()).contains("no daemon could be started", "bulkhead.yaml:1:1: wrong");
    }
}
