package io.bulkhead.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A file that somebody wants run as it is.
 *
 * @param name of the file, without its folder and its extension
 * @param command that runs it, in the folder it was named in
 */
record Script(String name, List<String> command) {

    private static final int HEAD = 256;

    /** What PM2 takes for a configuration of its own, and supervisord's. */
    private static final List<String> CONFIGURATIONS =
            List.of(".config.js", ".config.cjs", ".config.mjs", ".json", ".yaml", ".yml", ".conf", ".ini");

    private static final List<String> RUN = List.of(".js", ".cjs", ".mjs", ".ts", ".py", ".php", ".sh");

    /** Whether a word is meant as a file, whether or not there is one: no app is called so by anybody's habit. */
    static boolean looksLikeOne(String word) {
        if (word.startsWith("./") || word.startsWith("../") || word.startsWith("/")) {
            return true;
        }
        return endsWithAny(word, RUN) || endsWithAny(word, CONFIGURATIONS);
    }

    private static boolean endsWithAny(String word, List<String> endings) {
        for (String ending : endings) {
            if (word.length() > ending.length() && word.endsWith(ending)) {
                return true;
            }
        }
        return false;
    }

    /**
     * @param written as the user names it
     * @param folder where it is to run
     * @param environment the user's: PATH is looked at
     * @throws Failure where there is no such file, or nothing says what runs it
     */
    static Script find(String written, Path folder, Map<String, String> environment) throws Failure, IOException {
        Path file = folder.resolve(written);
        if (!Files.isRegularFile(file)) {
            throw refused(
                    Files.isDirectory(file)
                            ? file.normalize() + " is a folder"
                            : "there is no file " + file.normalize(),
                    "bulkhead start SCRIPT, or bulkhead start APP; bulkhead status shows the apps");
        }
        if (endsWithAny(written, CONFIGURATIONS)) {
            throw configuration(written);
        }
        String fileName = String.valueOf(file.getFileName());
        int dot = fileName.lastIndexOf('.');
        return new Script(
                dot > 0 ? fileName.substring(0, dot) : fileName, command(written, fileName, file, environment));
    }

    private static List<String> command(String written, String fileName, Path file, Map<String, String> environment)
            throws Failure, IOException {
        if (endsWithAny(fileName, List.of(".js", ".cjs", ".mjs"))) {
            return List.of("node", written);
        }
        if (fileName.endsWith(".ts")) {
            new TypeScript(environment).check(fileName);
            return List.of("node", written);
        }
        String head = head(file);
        if (Files.isExecutable(file) && (head.startsWith("#!") || head.startsWith("\u007fELF"))) {
            return List.of(written.indexOf('/') < 0 ? "./" + written : written);
        }
        if (fileName.endsWith(".py")) {
            return List.of("python3", written);
        }
        if (fileName.endsWith(".php")) {
            return List.of("php", written);
        }
        if (head.startsWith("#!")) {
            List<String> command = words(head);
            command.add(written);
            return command;
        }
        if (fileName.endsWith(".sh")) {
            return List.of("sh", written);
        }
        throw refused(
                "nothing says what runs " + file.normalize() + ": it is not executable, has no #! line, and its name"
                        + " ends with none of " + String.join(", ", RUN),
                "chmod +x " + written + " if it is a program, or write an app with its command in bulkhead.yaml:"
                        + " bulkhead init");
    }

    /** Interpreter and at most one argument, as execve(2) reads the line. */
    private static List<String> words(String head) {
        int end = head.indexOf('\n');
        String line = (end < 0 ? head : head.substring(0, end)).substring(2).strip();
        List<String> words = new ArrayList<>();
        int blank = line.indexOf(' ');
        words.add(blank < 0 ? line : line.substring(0, blank));
        if (blank > 0) {
            words.add(line.substring(blank + 1).strip());
        }
        return words;
    }

    private static String head(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(HEAD), StandardCharsets.ISO_8859_1);
        } catch (java.nio.file.AccessDeniedException programsMayBeExecutableOnly) {
            return "";
        }
    }

    private static Failure configuration(String written) {
        boolean supervisor = endsWithAny(written, List.of(".conf", ".ini"));
        boolean yaml = endsWithAny(written, List.of(".yaml", ".yml"));
        return Failure.of(
                1,
                "not-available-yet",
                "bulkhead start with a configuration of " + (supervisor ? "supervisord" : "PM2")
                        + " is not available yet, and neither is bulkhead import " + (supervisor ? "supervisor" : "pm2")
                        + " " + written + ", which will write it as bulkhead.yaml",
                yaml
                        ? "is it Bulkhead's own? bulkhead apply -f " + written
                        : "until then: bulkhead init writes a first bulkhead.yaml; one script alone starts with"
                                + " bulkhead start SCRIPT");
    }

    private static Failure refused(String message, String hint) {
        return Failure.of(5, "refused", message, hint);
    }
}
