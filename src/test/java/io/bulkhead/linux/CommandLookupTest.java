package io.bulkhead.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CommandLookupTest {

    private static final Identity NOBODY = new Identity(65534, 65534, List.of(65534), "api", Path.of("/nonexistent"));

    @TempDir
    Path folder;

    private Path home;
    private CommandLookup own;

    @BeforeEach
    void home() throws IOException {
        home = Files.createDirectory(folder.resolve("home"));
        own = new CommandLookup(Optional.empty(), home);
    }

    @Test
    void aNameIsLookedForInThePathOfTheChild() throws Exception {
        Path first = Files.createDirectory(folder.resolve("first"));
        Path program = script("second/tool", "#!/bin/sh\n");
        Map<String, String> environment = Map.of("PATH", first + ":second:/usr/bin");

        assertThat(own.find("tool", folder, environment)).isEqualTo(program);
        assertThat(own.find("sh", folder, Map.of())).hasFileName("sh");
    }

    @Test
    void aPathIsRelativeToTheWorkingFolder() throws Exception {
        Path program = script("bin/tool", "#!/bin/sh\n");

        assertThat(own.find("./bin/tool", folder, Map.of())).isEqualTo(program);
        assertThat(own.find(program.toString(), Path.of("/"), Map.of())).isEqualTo(program);
    }

    @Test
    void oneThatIsNotInPathIsFoundWhereVersionManagersPutIt() throws Exception {
        script("home/.nvm/versions/node/v9.1.0/bin/node24x", "#!/bin/sh\n");
        Path newest = script("home/.nvm/versions/node/v18.20.0/bin/node24x", "#!/bin/sh\n");

        RefusedException refused = refusal("node24x", Map.of("PATH", "/usr/bin:/bin"));
        assertThat(refused.step()).isEqualTo("command");
        assertThat(refused.message())
                .isEqualTo(
                        "node24x: not found in PATH=/usr/bin:/bin; found one under ~/.nvm/versions/node/v18.20.0/bin/node24x: write command: "
                                + newest + " ...");
    }

    @Test
    void oneThatIsNowhereSaysWhatToDo() {
        RefusedException refused = refusal("no-such-program", Map.of("PATH", "/usr/bin"));
        assertThat(refused.message()).isEqualTo("no-such-program: not found in PATH=/usr/bin");
        assertThat(refused.hint()).isNotEmpty();
    }

    @Test
    void foldersPlainFilesAndMissingOnesAreToldApart() throws Exception {
        Files.createDirectory(folder.resolve("dir"));
        Files.writeString(folder.resolve("plain"), "x");

        assertThat(refusal("./dir", Map.of()).message())
                .isEqualTo("./dir: is a directory (" + folder.resolve("dir") + ")");
        assertThat(refusal("./plain", Map.of()).message()).startsWith("./plain: not executable");
        assertThat(refusal("./plain", Map.of()).hint()).isEqualTo("chmod +x " + folder.resolve("plain"));
        assertThat(refusal("./none", Map.of()).message()).startsWith("./none: no such file or directory");
        assertThat(refusal("./nowhere/none", Map.of()).message())
                .startsWith("./nowhere/none: " + folder.resolve("nowhere") + " does not exist");
    }

    @Test
    void aScriptWhoseInterpreterIsMissingIsExplained() throws Exception {
        script("old", "#!/usr/bin/pythonx -u\n");
        assertThat(refusal("./old", Map.of()).message())
                .isEqualTo("./old: its first line asks for /usr/bin/pythonx: no such file or directory");
        script("dos", "#!/bin/sh\r\necho\r\n");
        assertThat(refusal("./dos", Map.of()).hint()).isEqualTo("save the script with Unix line ends");
        script("by-env", "#!/usr/bin/env pythonx\n");
        assertThat(refusal("./by-env", Map.of("PATH", "/usr/bin")).message())
                .isEqualTo("./by-env is a script for pythonx: not found in PATH=/usr/bin");
    }

    @Test
    void whatAnotherUserMayNotReachIsToldBeforeItIsTried() throws Exception {
        assumeTrue(Users.effectiveUser() == 0, "needs root");
        folder.toFile().setExecutable(true, false);
        CommandLookup nobody = new CommandLookup(Optional.of(NOBODY), home);
        Path inner = Files.createDirectory(
                Files.createDirectory(folder.resolve("closed")).resolve("inner"));
        mode(folder.resolve("closed"), "rwx------");
        Path program = script("closed/tool", "#!/bin/sh\n");

        RefusedException refused = catchThrowableOfType(RefusedException.class, () -> nobody.checkFolder(inner));
        assertThat(refused.message())
                .isEqualTo("working_dir " + inner + ": permission denied for user api: " + folder.resolve("closed")
                        + " cannot be entered");
        assertThat(catchThrowableOfType(RefusedException.class, () -> nobody.checkFolder(folder.resolve("closed")))
                        .message())
                .isEqualTo("working_dir " + folder.resolve("closed") + ": permission denied for user api");
        assertThat(catchThrowableOfType(RefusedException.class, () -> nobody.find(program.toString(), folder, Map.of()))
                        .message())
                .contains("permission denied for user api");

        mode(folder.resolve("closed"), "rwxr-xr-x");
        nobody.checkFolder(inner);
        assertThat(nobody.find(program.toString(), folder, Map.of())).isEqualTo(program);
        mode(program, "rwxr-x---");
        assertThat(catchThrowableOfType(RefusedException.class, () -> nobody.find(program.toString(), folder, Map.of()))
                        .message())
                .isEqualTo(program + ": permission denied for user api");
        assertThat(catchThrowableOfType(RefusedException.class, () -> nobody.checkFolder(program))
                        .message())
                .startsWith("working_dir " + program + ": ");
    }

    @Test
    void linksAreFollowedAndLoopsEnd() throws Exception {
        Path program = script("real/tool", "#!/bin/sh\n");
        Files.createSymbolicLink(folder.resolve("link"), Path.of("real/../real"));
        Files.createSymbolicLink(folder.resolve("loop"), Path.of("loop"));

        assertThat(own.find("link/tool", folder, Map.of())).isEqualTo(folder.resolve("link/tool"));
        assertThat(program).exists();
        assertThat(refusal("./loop/tool", Map.of()).message()).startsWith("./loop/tool: ");
    }

    private RefusedException refusal(String name, Map<String, String> environment) {
        return catchThrowableOfType(RefusedException.class, () -> own.find(name, folder, environment));
    }

    private Path script(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
        mode(file, "rwxr-xr-x");
        return file;
    }

    private static void mode(Path file, String permissions) throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }
}
