package io.bulkhead.guard;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.spec.Finding;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnguardedHealthTest {

    @TempDir
    Path folder;

    private List<Finding> look(String... lines) {
        return new UnguardedHealth().look(Subjects.of(folder, "a", lines));
    }

    @Test
    void whoIsAskedThroughTheSharedSocketIsNoted() {
        List<Finding> found = look("command: gunicorn app:app", "listen: 3000", "healthcheck: {http: /health}");
        assertThat(found).hasSize(1);
        assertThat(found.getFirst().check()).isEqualTo("unguarded-health");
        assertThat(found.getFirst().severity()).isEqualTo(Finding.Severity.INFO);
        assertThat(found.getFirst().message()).contains("share", "bad release can meet users");
        assertThat(look("command: python3 serve.py", "listen: 3000", "healthcheck: {http: /health}")
                        .getFirst()
                        .message())
                .contains("from the moment it listens");
    }

    @Test
    void nodeAndWhatHasNoSuchCheckAreNot() {
        assertThat(look("command: node app.js", "listen: 3000", "healthcheck: {http: /health}"))
                .isEmpty();
        assertThat(look("command: python3 serve.py", "listen: 3000")).isEmpty();
        assertThat(look("command: python3 serve.py", "healthcheck: {http: 'http://127.0.0.1:3000/health'}"))
                .isEmpty();
        assertThat(look("command: python3 serve.py", "listen: 3000", "healthcheck: {exec: [check]}"))
                .isEmpty();
    }
}
