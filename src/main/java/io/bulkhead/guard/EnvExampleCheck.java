package io.bulkhead.guard;

import io.bulkhead.spec.EnvFile;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A variable that the developers have written into {@code .env.example} and nobody has set here: it is missing at 3 AM, not in the review. */
final class EnvExampleCheck implements Check {

    private static final List<String> EXAMPLES = List.of(".env.example", ".env.sample", ".env.dist", ".env.template");
    private static final int MOST_NAMED = 10;

    @Override
    public String name() {
        return "env-example";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Path folder = subject.app().workingDir();
        for (String name : EXAMPLES) {
            Path example = folder.resolve(name);
            if (!Files.isReadable(example)) {
                continue;
            }
            Set<String> missing = new LinkedHashSet<>(read(example));
            missing.removeAll(subject.environment().keySet());
            Path own = folder.resolve(".env");
            if (Files.isReadable(own)) {
                missing.removeAll(read(own));
            }
            if (missing.isEmpty()) {
                return List.of();
            }
            List<String> named = missing.stream().limit(MOST_NAMED).toList();
            String more = missing.size() > MOST_NAMED ? " and " + (missing.size() - MOST_NAMED) + " more" : "";
            return List.of(subject.warning(
                    this,
                    name + " has " + String.join(", ", named) + more + ", which " + (missing.size() == 1 ? "is" : "are")
                            + " set nowhere",
                    "set " + (missing.size() == 1 ? "it" : "them") + " in "
                            + (subject.app().envFiles().isEmpty()
                                    ? own
                                    : subject.app().envFiles().getLast())
                            + ", or take " + (missing.size() == 1 ? "it" : "them") + " out of " + example,
                    example.toString()));
        }
        return List.of();
    }

    private static Set<String> read(Path file) throws IOException {
        return EnvFile.parse(file.toString(), Files.readAllBytes(file))
                .variables()
                .keySet();
    }
}
