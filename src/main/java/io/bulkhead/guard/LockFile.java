package io.bulkhead.guard;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The file that pins the packages of a project, and what its package manager leaves in node_modules when an installation is complete.
 *
 * @param mark path below node_modules that is written last
 * @param install the command that makes node_modules as the file says
 */
record LockFile(Path file, String mark, String install) {

    private static final List<LockFile> KNOWN = List.of(
            // npm removes its mark first and writes it last: missing after every kill that hit the tree (4 of 4, npm
            // 10).
            new LockFile(Path.of("npm-shrinkwrap.json"), ".package-lock.json", "npm ci"),
            new LockFile(Path.of("package-lock.json"), ".package-lock.json", "npm ci"),
            new LockFile(Path.of("pnpm-lock.yaml"), ".modules.yaml", "pnpm install --frozen-lockfile"),
            new LockFile(Path.of("yarn.lock"), ".yarn-integrity", "yarn install --frozen-lockfile"));

    /** Of Yarn 2 and later with {@code nodeLinker: node-modules}. */
    private static final String MODERN_YARN = ".yarn-state.yml";

    static Optional<LockFile> of(Path folder) {
        for (LockFile known : KNOWN) {
            Path file = folder.resolve(known.file);
            if (Files.isRegularFile(file)) {
                return Optional.of(new LockFile(file, known.mark, known.install));
            }
        }
        return Optional.empty();
    }

    boolean isNpm() {
        return mark.equals(".package-lock.json");
    }

    /** Whether the last installation in {@code modules} came to its end, by any manager: projects change theirs and leave the other file. */
    boolean isComplete(Path modules) {
        return KNOWN.stream().anyMatch(known -> Files.exists(modules.resolve(known.mark)))
                || Files.exists(modules.resolve(MODERN_YARN));
    }

    /**
     * One package in a lock file of npm.
     *
     * @param mayBeAbsent for development, for another platform, or wanted by others only
     */
    record Locked(String version, boolean mayBeAbsent, boolean optional, boolean development) {}

    /**
     * The packages of a lock file of npm by their place, such as {@code node_modules/a/node_modules/b}. Packages of the workspace itself are left out.
     *
     * @param root takes the project's own entry
     */
    static Map<String, Locked> packages(Path file, java.util.function.Consumer<JsonFile> root) throws IOException {
        Map<String, Locked> packages = new LinkedHashMap<>();
        JsonFile.members(file, "packages", (place, entry) -> {
            if (place.isEmpty()) {
                root.accept(entry);
            } else if (place.startsWith("node_modules/") && !entry.flag("link")) {
                boolean optional = entry.flag("optional") || entry.flag("devOptional");
                boolean development = entry.flag("dev");
                packages.put(
                        place,
                        new Locked(
                                entry.text("version").orElse(""),
                                optional || development || entry.flag("peer"),
                                optional,
                                development));
            }
        });
        return packages;
    }
}
