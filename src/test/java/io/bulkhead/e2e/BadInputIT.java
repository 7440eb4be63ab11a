package io.bulkhead.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a tired person writes, and what the machine lacks: a clear message, the exit code of the SPEC, other apps untouched. */
class BadInputIT {

    private static final String GOOD = "apps:\n  good:\n    command: sleep 100000\n";

    private void refused(String yaml, int exit, String... words) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", yaml);
            Sandbox.Result check = sandbox.run("check").exits(exit);
            assertThat(check.all()).contains(words);
        }
    }

    @Test
    void anEmptyFile() throws Exception {
        refused("", 2, "bulkhead.yaml:1:1", "nothing is written in this file");
    }

    @Test
    void aHomeOfSomebodyElse() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.up(GOOD);
            Path out = sandbox.write("out", "");
            Process nobody = new ProcessBuilder(
                            "setpriv",
                            "--reuid=65534",
                            "--regid=65534",
                            "--clear-groups",
                            Sandbox.PROGRAM.toString(),
                            "status",
                            "--home",
                            sandbox.home.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(out.toFile())
                    .start();
            int exit = nobody.waitFor();
            assumeTrue(exit != 127 && exit != 126, "needs root, and a folder of the program that others may enter");
            assertThat(exit).isEqualTo(3);
            assertThat(out)
                    .content()
                    .contains("permission denied", sandbox.home + " is root's", "sudo bulkhead status --home")
                    .doesNotContain("no daemon");
        }
    }

    @Test
    void aMissingCommandThatAnotherAppWaitsFor() throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write(
                    "bulkhead.yaml",
                    "apps:\n  api: {command: sleep 9, depends_on: [bad]}\n  bad: {command: no-such-program}\n");
            String hint = "install it, or write the full path of the program in command";
            assertThat(sandbox.run("check").exits(5).out()).contains(hint);
            assertThat(sandbox.run("up", "-d").err())
                    .contains("no-such-program: not found")
                    .containsOnlyOnce(hint);
        }
    }

    @Test
    void tabs() throws Exception {
        refused("apps:\n\tapi:\n\t\tcommand: x\n", 2, "bulkhead.yaml:2:1", "tab");
    }

    @Test
    void severalMistakesAtOnce() throws Exception {
        refused(
                "apps:\n  a b:\n    command: x\n  c:\n    memmory: 5M\n    command: y\n    memory: 512\n",
                2,
                ":2:3",
                ":5:5",
                "did you mean \"memory\"",
                ":7:13",
                "unit");
    }

    @Test
    void aKeyOfALaterRelease() throws Exception {
        refused(GOOD + "    queue: {bullmq: emails}\n", 2, "queue", "not available yet", ":4:5");
    }

    @Test
    void cyclesInDependsOn() throws Exception {
        refused(
                "apps:\n  a: {command: x, depends_on: [b]}\n  b: {command: x, depends_on: [a]}\n",
                2,
                "a",
                "b",
                "depends_on");
    }

    @Test
    void twoAppsOnOnePort() throws Exception {
        refused("apps:\n  a: {command: x, listen: 3000}\n  b: {command: x, listen: 3000}\n", 2, "3000", "a", "b");
    }

    private void blocked(String appKeys, String... words) throws Exception {
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("bulkhead.yaml", GOOD + "  bad:\n" + appKeys.indent(4));
            Sandbox.Result up = sandbox.run("up", "-d");
            assertThat(up.all()).contains(words);
            assertThat(up.exit()).isNotZero();
            assertThat(sandbox.state("good")).isEqualTo("up");
            assertThat(sandbox.state("bad")).isEqualTo("blocked");
            assertThat(sandbox.run("status").ok().out()).contains(words[0]);
            assertThat(sandbox.run("start", "bad").exits(5).err()).contains(words);
        }
    }

    @Test
    void aMissingUser() throws Exception {
        blocked("command: sleep 1\nuser: www-dta\n", "user www-dta does not exist");
    }

    @Test
    void aMissingCommand() throws Exception {
        blocked("command: no-such-program-here\n", "no-such-program-here: not found in PATH=");
    }

    @Test
    void aCommandThatIsNotExecutable() throws Exception {
        Path script = Files.createTempFile("plain", ".sh");
        Files.writeString(script, "#!/bin/sh\nexit 0\n");
        blocked("command: " + script + "\n", "not executable", script.toString());
        Files.delete(script);
    }

    @Test
    void aMissingWorkingDirectory() throws Exception {
        blocked("command: sleep 1\nworking_dir: /no/such/folder\n", "working_dir /no/such/folder");
    }

    @Test
    void aMissingEnvFile() throws Exception {
        blocked("command: sleep 1\nenv_file: missing.env\n", "env_file", "missing.env");
    }

    @Test
    void aRequiredVariableThatIsMissing() throws Exception {
        blocked("command: sleep 1\nrequired_environment: [DB_HOST]\n", "DB_HOST");
    }

    @Test
    void argumentsOfFiveThousandCharacters() throws Exception {
        String argument = "x'\"$ äö".repeat(700);
        try (Sandbox sandbox = new Sandbox()) {
            sandbox.write("argument.txt", argument);
            Path script = sandbox.script(
                    "compare.sh",
                    "#!/bin/sh\n[ \"$1\" = \"$(cat argument.txt)\" ] && echo same || echo differs\nexec sleep 1000\n");
            sandbox.up("apps:\n  long:\n    command: [" + script + ", \"" + argument.replace("\"", "\\\"")
                    + "\"]\n".replace("$", "$$"));
            Sandbox.eventually(
                    "it spoke", () -> !sandbox.run("logs", "long").out().isBlank());
            assertThat(sandbox.run("logs", "long").out()).contains("same");
        }
    }

    @Test
    void anUnknownCommandOrAppHasItsOwnExitCode() throws Exception {
        try (Sandbox sandbox = new Sandbox().up(GOOD)) {
            assertThat(sandbox.run("statsu").exits(2).err()).contains("did you mean", "status");
            assertThat(sandbox.run("stop", "god").exits(4).err()).contains("god", "good");
            assertThat(sandbox.run("deploy", "good", ".").exits(1).err()).contains("not available yet");
        }
        try (Sandbox sandbox = new Sandbox()) {
            assertThat(sandbox.run("status").exits(3).err()).contains("no daemon");
        }
    }
}
