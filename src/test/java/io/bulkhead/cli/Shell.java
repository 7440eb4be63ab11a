package io.bulkhead.cli;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Runs commands as somebody at a terminal or in a pipe would, and keeps what they print. */
final class Shell {

    final Map<String, String> environment = new HashMap<>(Map.of("LANG", "C.UTF-8"));
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    Path directory;
    Path systemRoot;
    boolean root = true;
    boolean terminal;
    int columns = 120;

    Shell(Path directory) {
        this.directory = directory;
        this.systemRoot = directory.resolve("root");
    }

    int run(String... words) {
        out.reset();
        err.reset();
        return Cli.run(words, caller(out));
    }

    Caller caller(OutputStream to) {
        return new Caller(environment, root, directory, systemRoot, to, err, terminal, terminal, terminal ? columns : 0);
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }
}
