package io.bulkhead.guard;

import io.bulkhead.linux.CommandLookup;
import io.bulkhead.linux.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells whether a command runs Node, itself or through a wrapper that is known to, and which binary that will be. */
public final class NodeCommand {

    /** Node programs that run the app's node below them; their scripts see {@code node_modules/.bin} first. */
    static final Set<String> PACKAGE_MANAGERS = Set.of("npm", "npx", "pnpm", "pnpx", "yarn", "yarnpkg", "corepack");

    /** Programs that run what their arguments name. */
    static final Set<String> LAUNCHERS = Set.of(
            "sh",
            "dash",
            "bash",
            "ash",
            "busybox",
            "zsh",
            "env",
            "nice",
            "ionice",
            "chrt",
            "taskset",
            "numactl",
            "timeout",
            "stdbuf",
            "setsid",
            "setpriv",
            "tini",
            "dumb-init",
            "catatonit");

    private static final Set<String> SHELLS = Set.of("sh", "dash", "bash", "ash", "busybox", "zsh");

    private static final int MOST_OF_A_SCRIPT = 64 << 10;

    private final Path workingDir;
    private final Map<String, String> environment;
    private final CommandLookup lookup;

    public NodeCommand(Path workingDir, Map<String, String> environment, CommandLookup lookup) {
        this.workingDir = workingDir;
        this.environment = environment;
        this.lookup = lookup;
    }

    /**
     * The node binary that will run; empty where nothing says that one will.
     *
     * @param program the first word of {@code argv}, found
     */
    public Optional<Path> binary(Path program, List<String> argv) {
        String name = program.getFileName().toString();
        if (isNode(name)) {
            return Optional.of(program);
        }
        if (PACKAGE_MANAGERS.contains(name)) {
            return nodeOfPackages();
        }
        if (LAUNCHERS.contains(name)) {
            for (String argument : argv.subList(1, argv.size())) {
                Optional<Path> found = namedIn(argument);
                if (found.isPresent()) {
                    return found;
                }
            }
            return Optional.empty();
        }
        return ofScript(program);
    }

    /** A script for node, or a shell script that has the word. */
    private Optional<Path> ofScript(Path program) {
        List<String> shebang = CommandLookup.shebang(program).orElse(List.of());
        if (shebang.isEmpty()) {
            return Optional.empty();
        }
        Path interpreter = Path.of(shebang.getFirst());
        String name = String.valueOf(interpreter.getFileName());
        if (isNode(name)) {
            return Optional.of(interpreter);
        }
        if (name.equals("env") && shebang.size() == 2) {
            Optional<Path> found = namedIn(shebang.get(1));
            return found.isPresent() || !SHELLS.contains(shebang.get(1)) ? found : namedIn(text(program));
        }
        return SHELLS.contains(name) ? namedIn(text(program)) : Optional.empty();
    }

    private Optional<Path> nodeOfPackages() {
        Path own = workingDir.resolve("node_modules/.bin/node");
        return Files.isExecutable(own) ? Optional.of(own) : find("node");
    }

    /** What the first word of {@code text} runs that names node or a package manager. */
    private Optional<Path> namedIn(String text) {
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            if (i < text.length() && isPartOfPath(text.charAt(i))) {
                continue;
            }
            String word = text.substring(from, i);
            String name = word.substring(word.lastIndexOf('/') + 1);
            if (isNode(name)) {
                return find(word);
            }
            if (PACKAGE_MANAGERS.contains(name)) {
                return nodeOfPackages();
            }
            from = i + 1;
        }
        return Optional.empty();
    }

    private Optional<Path> find(String word) {
        try {
            return Optional.of(lookup.find(word, workingDir, environment));
        } catch (RefusedException notThere) {
            return Optional.empty();
        }
    }

    private static boolean isPartOfPath(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '/'
                || c == '.'
                || c == '_'
                || c == '-';
    }

    /** node, nodejs, node22, node-18.20. */
    static boolean isNode(String name) {
        if (!name.startsWith("node")) {
            return false;
        }
        String rest = name.startsWith("nodejs") ? name.substring(6) : name.substring(4);
        for (int i = 0; i < rest.length(); i++) {
            char c = rest.charAt(i);
            if ((c < '0' || c > '9') && c != '.' && c != '-') {
                return false;
            }
        }
        return true;
    }

    private static String text(Path script) {
        try (InputStream in = Files.newInputStream(script)) {
            return new String(in.readNBytes(MOST_OF_A_SCRIPT), StandardCharsets.ISO_8859_1);
        } catch (IOException unreadable) {
            return "";
        }
    }
}
