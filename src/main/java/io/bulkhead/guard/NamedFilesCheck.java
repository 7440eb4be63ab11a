package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import io.bulkhead.linux.Access;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Files under {@code checks.files}, and {@code package.json}: there, readable for the app's user, and JSON or YAML where they are called so. */
final class NamedFilesCheck implements Check {

    private static final int LARGEST = 4 << 20;

    @Override
    public String name() {
        return "files";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Set<Path> files = new LinkedHashSet<>(subject.app().checks().files());
        Path own = subject.app().workingDir().resolve("package.json");
        if (Files.isRegularFile(own)) {
            files.add(own);
        }
        Access access = new Access(subject.identity());
        List<Finding> findings = new ArrayList<>();
        for (Path file : files) {
            Optional<String> why = access.whyNotRead(file);
            if (why.isPresent()) {
                findings.add(subject.error(this, file + ": " + why.get(), fix(file, subject)));
            } else {
                broken(file)
                        .ifPresent(what -> findings.add(subject.error(
                                this, file + " " + what, "mend the file; it was written at " + when(file))));
            }
        }
        return findings;
    }

    private static String fix(Path file, Subject subject) {
        return Files.exists(file)
                ? "chmod o+r " + file + ", or give it to "
                        + subject.identity().map(who -> who.name()).orElse("its user")
                : "put it there, or take it out of checks: files (was a build left out?)";
    }

    private static String when(Path file) {
        try {
            return Files.getLastModifiedTime(file).toString();
        } catch (IOException unknown) {
            return "an unknown time";
        }
    }

    /** Why it is not what it is called. */
    private static Optional<String> broken(Path file) throws IOException {
        String name = file.getFileName().toString();
        boolean json = name.endsWith(".json");
        if (!json && !name.endsWith(".yaml") && !name.endsWith(".yml") || Files.size(file) > LARGEST) {
            return Optional.empty();
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        try {
            if (json) {
                Json.readTrusted(text);
            } else {
                new Parse(LoadSettings.builder().setLabel(name).build())
                        .parseString(text)
                        .forEach(event -> {});
            }
            return Optional.empty();
        } catch (JsonException wrong) {
            return Optional.of("is not JSON: " + wrong.getMessage());
        } catch (YamlEngineException wrong) {
            // The message goes on with the text of the line, which may hold a secret.
            String message = String.valueOf(wrong.getMessage());
            int end = message.indexOf('\n', message.indexOf(", line ") + 1);
            return Optional.of("is not YAML: " + (end < 0 ? message : message.substring(0, end)).replace('\n', ' '));
        }
    }
}
