package io.bulkhead.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CompletionTest {

    @TempDir
    Path folder;

    @Test
    void bashCompletesCommandsOptionsAndApps() throws Exception {
        // Stands in for the program: completion asks it for names, with the home that the line names.
        Path bulkhead = Files.writeString(
                folder.resolve("bulkhead"),
                "#!/bin/sh\n[ \"$*\" = '__apps' ] && echo api worker\n[ \"$*\" = '__apps --home /h' ] && echo other\nexit 0\n");
        Files.setPosixFilePermissions(bulkhead, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertThat(complete("bulkhead", "sta")).containsExactly("start", "startup", "status");
        assertThat(complete("bulkhead", "restart", "")).contains("api", "worker", "all", "--no-wait");
        assertThat(complete("bulkhead", "restart", "w")).containsExactly("worker");
        assertThat(complete("bulkhead", "ls", "a")).containsExactly("all", "api");
        assertThat(complete("bulkhead", "logs", "--fo")).containsExactly("--follow");
        assertThat(complete("bulkhead", "--home", "/h", "stop", "o")).containsExactly("other");
        assertThat(complete("bulkhead", "completion", "")).contains("bash", "zsh", "fish");
        assertThat(complete("bulkhead", "doctor", "")).doesNotContain("api");
    }

    @Test
    void everyScriptIsWhatItsShellCanRead() throws Exception {
        assertThat(run("bash", "-n", script("bash"))).isEmpty();
        assertThat(Completion.script("fish"))
                .contains("complete -c bulkhead -n __fish_use_subcommand -a status -d 'table of apps");
        assertThat(Completion.script("zsh")).startsWith("#compdef bulkhead\n").contains("'status:table of apps");
        for (String shell : List.of("zsh", "fish")) {
            if (run("sh", "-c", "command -v " + shell + " || :").isEmpty()) {
                continue; // not installed here: nothing to try it with
            }
            assertThat(run(shell, "-n", script(shell))).as(shell).isEmpty();
        }
    }

    @Test
    void theManualPageIsCleanRoff() throws Exception {
        String page = ManPage.text();
        for (Command command : Commands.all()) {
            if (command.group() != Command.Group.HIDDEN) {
                assertThat(page).contains(command.name());
            }
        }
        assumeThat(run("sh", "-c", "command -v groff || :")).isNotEmpty();
        Path file = Files.writeString(folder.resolve("bulkhead.1"), page);
        String complaints = run("sh", "-c", "groff -ww -man -Tutf8 '" + file + "' 2>&1 >/dev/null");
        assertThat(complaints).isEmpty();
        assertThat(run("sh", "-c", "groff -man -Tascii -P-c '" + file + "' | sed 's/.\\x08//g'"))
                .contains("bulkhead logs [OPTIONS] [APP]", "-f, --follow", "EXIT STATUS");
    }

    private List<String> complete(String... words) throws Exception {
        StringBuilder line = new StringBuilder("source " + script("bash") + "; COMP_WORDS=(");
        for (String word : words) {
            line.append('\'').append(word).append("' ");
        }
        line.append("); COMP_CWORD=")
                .append(words.length - 1)
                .append("; _bulkhead; printf '%s\\n' \"${COMPREPLY[@]}\" | sort");
        return run("bash", "--norc", "-c", line.toString()).lines().toList();
    }

    private String script(String shell) throws IOException, UsageException {
        return Files.writeString(folder.resolve("completion." + shell), Completion.script(shell))
                .toString();
    }

    private String run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
        Process process = builder.start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return out;
    }
}
