package io.bulkhead.guard;

import io.bulkhead.linux.Identity;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** An app in a folder of its own, and what all checks of packages say of it. */
final class NodeRig {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    final Path folder;
    private final Map<String, String> environment = new HashMap<>(Map.of("PATH", "/usr/local/bin:/usr/bin:/bin"));
    private Optional<Identity> identity = Optional.empty();

    NodeRig(Path folder) {
        this.folder = folder;
    }

    Path write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    /** An installed package that was not installed by npm. */
    Path installed(String name, String version, String... members) throws IOException {
        StringBuilder text = new StringBuilder("{\"name\":\"" + name + "\",\"version\":\"" + version + "\"");
        for (String member : members) {
            text.append(',').append(member);
        }
        write("node_modules/" + name + "/index.js", "");
        write("node_modules/" + name + "/package.json", text.append('}').toString());
        return folder.resolve("node_modules/" + name);
    }

    NodeRig with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    NodeRig as(Identity who) {
        identity = Optional.of(who);
        return this;
    }

    Subject subject(String... lines) throws IOException {
        Subject made = Subjects.of(folder, "a", lines);
        String name = made.argv().getFirst();
        Path program = name.contains("/") ? folder.resolve(name).normalize() : onPath(name);
        return new Subject(made.spec(), made.app(), program, made.argv(), environment(made), identity, Set.of());
    }

    private Map<String, String> environment(Subject made) {
        Map<String, String> all = new HashMap<>(made.app().environment());
        all.putAll(environment);
        return all;
    }

    private Path onPath(String name) {
        for (String place : environment.getOrDefault("PATH", "").split(":")) {
            Path file = Path.of(place, name);
            if (Files.isExecutable(file)) {
                return file;
            }
        }
        Assumptions.abort(name + " is missing");
        throw new AssertionError();
    }

    /** What they find: "ERROR lockfile: sentence | evidence | fix", paths of the folder as dots. */
    List<String> look(String... lines) throws Exception {
        return words(look(subject(lines)));
    }

    static List<Finding> look(Subject subject) throws InterruptedException {
        return Checks.look(PackageChecks.ALL, List.of(subject), PATIENCE, (done, of) -> {});
    }

    List<String> words(List<Finding> findings) {
        List<String> words = new ArrayList<>();
        for (Finding finding : findings) {
            words.add((finding.severity() + " " + finding.check() + ": " + finding.message() + " | "
                            + String.join("; ", finding.evidence()) + " | " + finding.fix())
                    .replace(folder.toString(), "."));
        }
        return words;
    }

    /** Runs a command in a folder; its output is the answer, which is told when it fails. */
    static String run(Path folder, String... command) throws Exception {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        String output;
        try (InputStream in = process.getInputStream()) {
            output = new String(in.readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        }
        if (!process.waitFor(2, TimeUnit.MINUTES) || process.exitValue() != 0) {
            throw new AssertionError(String.join(" ", command) + ":\n" + output);
        }
        return output;
    }
}
