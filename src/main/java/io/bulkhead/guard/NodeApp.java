package io.bulkhead.guard;

import io.bulkhead.linux.CommandLookup;
import io.bulkhead.spec.AppSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an app that runs Node is made of.
 *
 * @param binary the very file that will run it
 * @param folder where its package.json is
 * @param description that file; empty where it cannot be read
 * @param trouble why it cannot, a sentence with its path
 * @param script the file that node is told to run, as it is written: {@code dist/main} may be {@code dist/main.js}. Empty where the command does not tell
 * @param installed the folder of the lock file and of node_modules; in a workspace that of the whole
 */
record NodeApp(
        Path binary,
        Path folder,
        JsonFile description,
        Optional<String> trouble,
        Optional<Path> script,
        Path installed) {

    private static final int MOST_FOLDERS = 32;
    private static final String DESCRIPTION = "package.json";

    /** As Node looks for the file of a program (lib/internal/modules/cjs/loader.js, Module._findPath). */
    private static final List<String> EXTENSIONS = List.of("", ".js", ".json", ".node", "/index.js");

    /** Empty for an app that runs no Node, and for one without a package.json. */
    static Optional<NodeApp> of(Subject subject) {
        Optional<Path> binary = binary(subject);
        if (binary.isEmpty()) {
            return Optional.empty();
        }
        Path workingDir = subject.app().workingDir();
        Optional<Path> nearest = described(workingDir);
        Optional<Path> script = NodeScript.in(
                        subject.argv(),
                        name -> nearest.flatMap(
                                folder -> read(folder).object("scripts").text(name)))
                .map(word -> workingDir.resolve(word).normalize());
        // Packages are looked for above the script (node's "Loading from node_modules folders"), not above the working
        // folder.
        return script.flatMap(file -> Optional.ofNullable(file.getParent()))
                .flatMap(NodeApp::described)
                .or(() -> nearest)
                .map(own -> {
                    Optional<String> trouble = Optional.empty();
                    JsonFile description = JsonFile.EMPTY;
                    try {
                        description = JsonFile.read(own.resolve(DESCRIPTION));
                    } catch (IOException failed) {
                        trouble = Optional.ofNullable(failed.getMessage());
                    }
                    return new NodeApp(binary.get(), own, description, trouble, script, whole(own));
                });
    }

    private static JsonFile read(Path folder) {
        try {
            return JsonFile.read(folder.resolve(DESCRIPTION));
        } catch (IOException toldOnce) {
            return JsonFile.EMPTY;
        }
    }

    static Optional<Path> binary(Subject subject) {
        AppSpec app = subject.app();
        Path home = subject.identity()
                .map(who -> who.home())
                .orElseGet(() -> Path.of(subject.environment().getOrDefault("HOME", "/")));
        return new NodeCommand(app.workingDir(), subject.environment(), new CommandLookup(subject.identity(), home))
                .binary(subject.program(), subject.argv());
    }

    /** The nearest folder whose package.json describes a package: one with nothing but a module type is only a mark for files beside it. */
    private static Optional<Path> described(Path from) {
        Path folder = from;
        for (int i = 0; folder != null && i < MOST_FOLDERS; i++) {
            Path file = folder.resolve(DESCRIPTION);
            if (Files.isRegularFile(file) && !isMark(file)) {
                return Optional.of(folder);
            }
            folder = folder.getParent();
        }
        return Optional.empty();
    }

    private static boolean isMark(Path file) {
        try {
            JsonFile description = JsonFile.read(file);
            return !description.has("name")
                    && !description.has("dependencies")
                    && !description.has("scripts")
                    && !description.has("engines");
        } catch (IOException told) {
            return false;
        }
    }

    /** The folder above that holds the packages of a workspace, or {@code own} itself. */
    private static Path whole(Path own) {
        Path folder = own.getParent();
        if (Files.exists(own.resolve("node_modules/.package-lock.json"))
                || LockFile.of(own).isPresent()) {
            return own;
        }
        for (int i = 0; folder != null && i < MOST_FOLDERS; i++) {
            if (LockFile.of(folder).isPresent() && isWorkspace(folder)) {
                return folder;
            }
            folder = folder.getParent();
        }
        return own;
    }

    private static boolean isWorkspace(Path folder) {
        if (Files.exists(folder.resolve("pnpm-workspace.yaml"))) {
            return true;
        }
        return read(folder).has("workspaces");
    }

    Path modules() {
        return installed.resolve("node_modules");
    }

    /** Whether its packages lie elsewhere by design: Yarn's Plug'n'Play has no node_modules. */
    boolean isPlugAndPlay() {
        return Files.exists(installed.resolve(".pnp.cjs")) || Files.exists(installed.resolve(".pnp.js"));
    }

    /** The file that node will run for {@link #script}; empty where it is missing, or no script is told. */
    Optional<Path> scriptFile() {
        return script.flatMap(NodeApp::found);
    }

    private static Optional<Path> found(Path script) {
        if (Files.isDirectory(script)) {
            Optional<Path> main = main(script).flatMap(NodeApp::foundFile);
            return main.isPresent() ? main : foundFile(script.resolve("index"));
        }
        return foundFile(script);
    }

    private static Optional<Path> foundFile(Path script) {
        for (String extension : EXTENSIONS) {
            Path file = Path.of(script + extension);
            if (Files.isRegularFile(file)) {
                return Optional.of(file);
            }
        }
        return Optional.empty();
    }

    /** What the package.json of {@code folder} names. */
    static Optional<Path> main(Path folder) {
        return read(folder).text("main").map(main -> folder.resolve(main).normalize());
    }

    /** Names and ranges of the packages that it cannot do without. */
    Map<String, String> dependencies() {
        Map<String, String> all =
                new LinkedHashMap<>(description.object("dependencies").texts());
        // npm: what is in both is optional.
        all.keySet()
                .removeAll(description.object("optionalDependencies").members().keySet());
        return all;
    }

    boolean dependsOn(String... names) {
        for (String name : names) {
            if (description.object("dependencies").has(name)
                    || description.object("optionalDependencies").has(name)
                    || description.object("devDependencies").has(name)) {
                return true;
            }
        }
        return false;
    }
}
