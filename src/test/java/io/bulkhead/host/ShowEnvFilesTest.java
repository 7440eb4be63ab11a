package io.bulkhead.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.SpecReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ShowEnvFilesTest {

    @TempDir
    Path folder;

    @Test
    void namesAreShownAndSecretsMasked() throws Exception {
        AppSpec app = app();
        Files.writeString(
                folder.resolve(".env"),
                "DB_HOST=db1\nDB_PASS=geheim\nURL=redis://u:geheim@h/0\nODD=geheim\nPORT=from-file\n");
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        ShowDocument.addEnvFiles(document, app);
        assertThat(document).doesNotContainKey("env_file_problem");
        assertThat(document.get("env_file_environment"))
                .isEqualTo(Map.of(
                        "DB_HOST",
                        "db1",
                        "DB_PASS",
                        Masking.MASK,
                        "URL",
                        "redis://u:" + Masking.MASK + "@h/0",
                        "ODD",
                        Masking.MASK));
    }

    @Test
    void aFileThatCannotBeReadIsNamed() throws Exception {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        ShowDocument.addEnvFiles(document, app());
        assertThat(document)
                .containsEntry("env_file_problem", "env_file " + folder.resolve(".env") + ": no such file")
                .containsEntry("env_file_environment", Map.of());
    }

    private AppSpec app() throws Exception {
        Path file = Files.writeString(
                folder.resolve("bulkhead.yaml"),
                "apps: {a: {command: x, working_dir: ., env_file: .env, mask: [ODD], environment: {PORT: \"3000\"}}}\n");
        Host host = new Host(Map.of(), 1L << 30, 2, true, ZoneOffset.UTC);
        return SpecReader.read(file, Optional.empty(), host)
                .spec()
                .orElseThrow()
                .apps()
                .get("a");
    }
}
