package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuardChildTest {

    @TempDir
    Path folder;

    @Test
    void theRequestComesOnStandardInputAndEachLineIsAnAnswer() throws Exception {
        GuardChild child = child("cat > '" + folder + "/asked'; printf '{\"a\":1}\\n{\"a\":2}\\n{\"done\":true}\\n'");
        List<Doc> answers = child.ask("job", Map.of("secret", "s"), 20_000);

        assertThat(answers).extracting(answer -> answer.number("a", 0)).containsExactly(1L, 2L);
        assertThat(Files.readString(folder.resolve("asked"))).contains("\"secret\":\"s\"", "\"job\":\"job\"");
    }

    @Test
    void aLongQuestionAndALongAnswerDoNotWaitForEachOther() throws Exception {
        GuardChild child = child("head -c 1000000 /dev/zero | tr '\\0' ' '; echo '{\"a\":1}'; cat >/dev/null;"
                + " echo '{\"done\":true}'");
        assertThat(child.ask("job", Map.of("long", "x".repeat(1 << 20)), 20_000))
                .hasSize(1);
    }

    @Test
    void whatItSaysThatFailedIsWhatFails() {
        assertThatThrownBy(() -> child("echo '{\"failed\":\"no such server\"}'").ask("job", Map.of(), 20_000))
                .isInstanceOf(IOException.class)
                .hasMessage("no such server");
    }

    @Test
    void oneThatEndsHalfWayOrSpeaksOtherwiseFailed() {
        assertThatThrownBy(() -> child("echo '{\"a\":1}'").ask("job", Map.of(), 20_000))
                .hasMessageContaining("half way");
        assertThatThrownBy(() -> child("").ask("job", Map.of(), 20_000)).hasMessageContaining("without an answer");
        assertThatThrownBy(() -> child("echo no json").ask("job", Map.of(), 20_000))
                .hasMessageContaining("not JSON");
        assertThatThrownBy(() -> child("echo oh dear >&2; exit 7").ask("job", Map.of(), 20_000))
                .hasMessageContaining("7")
                .hasMessageContaining("oh dear");
        assertThatThrownBy(() -> new GuardChild(List.of(folder + "/none")).ask("job", Map.of(), 20_000))
                .isInstanceOf(IOException.class);
    }

    @Test
    void oneThatIsLateOrSaysTooMuchIsEnded() throws Exception {
        GuardChild late = child("echo $$ > '" + folder + "/pid'; exec sleep 1000");
        assertThatThrownBy(() -> late.ask("job", Map.of(), 100)).hasMessageContaining("did not end in time");
        assertThat(Path.of("/proc/" + Files.readString(folder.resolve("pid")).strip()))
                .doesNotExist();
        assertThatThrownBy(() -> child("exec tr '\\0' x < /dev/zero").ask("job", Map.of(), 60_000))
                .hasMessageContaining("said more than");
    }

    private GuardChild child(String script) throws IOException {
        Path program = folder.resolve("child");
        Files.writeString(program, "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return new GuardChild(List.of(program.toString()));
    }
}
