package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Whether the file that node is told to run has been built, and since the source was last changed. */
final class BuildCheck implements Check {

    private static final Set<String> BUILDS = Set.of("dist", "build", "out", "lib");

    /** Files that come out of one archive or checkout are written in any order. */
    private static final long SAME_MILLIS = 2_000;

    @Override
    public String name() {
        return "build";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<NodeApp> found = NodeApp.of(subject);
        if (found.isEmpty() || found.get().script().isEmpty()) {
            return List.of();
        }
        NodeApp app = found.get();
        return app.scriptFile().isPresent()
                ? stale(subject, app, app.scriptFile().get())
                : missing(subject, app, app.script().get());
    }

    private List<Finding> missing(Subject subject, NodeApp app, Path script) throws IOException {
        Path wanted = Files.isDirectory(script) ? NodeApp.main(script).orElse(script.resolve("index.js")) : script;
        boolean builds = app.description().object("scripts").has("build");
        return List.of(subject.error(
                this,
                wanted + " does not exist" + (builds ? ": the app has not been built" : ""),
                builds ? "cd " + app.folder() + " && npm run build" : "look at command and working_dir",
                state(wanted)));
    }

    private static String state(Path wanted) throws IOException {
        Path folder = wanted;
        for (Path above = wanted.getParent(); above != null; above = above.getParent()) {
            folder = above;
            if (Files.isDirectory(above)) {
                break;
            }
        }
        if (!folder.equals(wanted.getParent())) {
            return folder.resolve(folder.relativize(wanted).getName(0)) + " is missing";
        }
        try (Stream<Path> entries = Files.list(folder)) {
            List<String> names = entries.limit(8)
                    .map(entry -> String.valueOf(entry.getFileName()))
                    .sorted()
                    .toList();
            return folder + (names.isEmpty() ? " is empty" : " has " + String.join(", ", names));
        }
    }

    private List<Finding> stale(Subject subject, NodeApp app, Path script) throws IOException {
        Path built = SourceFiles.running(app);
        Path source = app.folder().resolve("src");
        if (!script.startsWith(built) || !BUILDS.contains(String.valueOf(built.getFileName()))) {
            return List.of();
        }
        Optional<FileTime> written = SourceFiles.newest(source, SourceFiles.WRITTEN);
        Optional<FileTime> made = SourceFiles.newest(built, SourceFiles.BUILT);
        if (written.isEmpty()
                || made.isEmpty()
                || written.get().toMillis() - made.get().toMillis() <= SAME_MILLIS) {
            return List.of();
        }
        return List.of(subject.note(
                this,
                built.getFileName() + " is older than src: what was changed since is not in it",
                app.description().object("scripts").has("build")
                        ? "cd " + app.folder() + " && npm run build"
                        : "build it again",
                "newest file of " + source + ": " + written.get(),
                "newest file of " + built + ": " + made.get()));
    }
}
