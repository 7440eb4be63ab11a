package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.linux.CommandLookup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCommandTest {

    @TempDir
    Path folder;

    private Path node = Path.of("/");

    @BeforeEach
    void programs() throws IOException {
        node = program("bin/node", "ELF");
        program("bin/npm", "#!/usr/bin/env node\n");
        program("bin/env", "ELF");
        program("bin/sh", "ELF");
    }

    private Path program(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        file.toFile().setExecutable(true);
        return file;
    }

    private Optional<Path> binary(String program, String... arguments) {
        List<String> argv = new java.util.ArrayList<>(List.of(program));
        argv.addAll(List.of(arguments));
        Map<String, String> environment = Map.of("PATH", folder.resolve("bin").toString());
        return new NodeCommand(folder, environment, new CommandLookup(Optional.empty(), folder))
                .binary(folder.resolve(program), argv);
    }

    @Test
    void nodeItselfAndWhatIsKnownToStartIt() throws IOException {
        assertThat(binary("bin/node", "app.js")).contains(node);
        assertThat(binary("bin/npm", "start")).contains(node);
        assertThat(binary("bin/sh", "-c", "cd x && exec node app.js")).contains(node);
        assertThat(binary("bin/sh", "-c", "npm start; true")).contains(node);
        assertThat(binary("bin/env", "A=1", "node", "app.js")).contains(node);
        program("server.js", "#!/usr/bin/env node\n");
        assertThat(binary("server.js")).contains(node);
        program("start.sh", "#!/bin/sh\nexport A=1\nexec node app.js\n");
        assertThat(binary("start.sh")).contains(node);
    }

    @Test
    void aPathWithinACommandIsTakenAsItStands() throws IOException {
        Path other = program("opt/node-18/bin/node", "ELF");
        assertThat(binary("bin/sh", "-c", "exec " + other + " app.js")).contains(other);
    }

    @Test
    void aPackagesOwnNodeComesFirstBelowNpm() throws IOException {
        Path own = program("node_modules/.bin/node", "ELF");
        assertThat(binary("bin/npm", "start")).contains(own);
        assertThat(binary("bin/node", "app.js")).contains(node);
    }

    @Test
    void otherProgramsAreNone() throws IOException {
        program("bin/sleep", "ELF");
        program("bin/nodemon-like", "ELF");
        program("tool.py", "#!/usr/bin/python3\n# no node here\n");
        assertThat(binary("bin/sleep", "node")).isEmpty();
        assertThat(binary("bin/nodemon-like", "app.js")).isEmpty();
        assertThat(binary("tool.py")).isEmpty();
        assertThat(binary("bin/sh", "-c", "tail -f /dev/null # nodes")).isEmpty();
    }

    @Test
    void versionsAreReadAsNodeWritesThem() {
        assertThat(NodeVersions.parse("v22.23.3\n")).contains(new Version(22, 23, 3, ""));
        assertThat(NodeVersions.parse("1.2.3\n")).isEmpty();
        assertThat(NodeVersions.parse("v.1")).isEmpty();
        assertThat(NodeVersions.parse("vx.1")).isEmpty();
        assertThat(NodeVersions.parse("")).isEmpty();
    }
}
