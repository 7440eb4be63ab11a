package io.bulkhead.linux;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds the program of a command the way execvp(3) would for the app's user, or says in words why it cannot run. */
public final class CommandLookup {

    /** What a child gets where its environment names no PATH; the daemon's own may be a developer's. */
    public static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int LONGEST_SHEBANG = 256;
    private static final int MOST_GUESSES = 200;

    /** The kernel goes no deeper either (execve(2)). */
    private static final int MOST_INTERPRETERS = 4;

    private final Optional<Identity> identity;
    private final Path home;
    private final Access access;

    /**
     * @param identity who runs it; empty: this process's own user
     * @param home where that user's own programs would be
     */
    public CommandLookup(Optional<Identity> identity, Path home) {
        this.identity = identity;
        this.home = home;
        this.access = new Access(identity);
    }

    /** Whether the user can start there: says "working_dir /srv/x: permission denied for user api" and the like. */
    public void checkFolder(Path workingDir) throws RefusedException {
        Optional<String> why = access.whyNotEnter(workingDir);
        if (why.isPresent()) {
            String hint = why.get().startsWith("permission")
                    ? "give the user the right to enter it (x) on every folder of the path"
                    : "";
            throw new RefusedException("working_dir", "working_dir " + workingDir + ": " + why.get(), hint);
        }
    }

    /**
     * The absolute path of program {@code name}.
     *
     * @param name first word of the command: a name to look for in PATH, or a path, relative to {@code workingDir}
     * @param environment the child's
     */
    public Path find(String name, Path workingDir, Map<String, String> environment) throws RefusedException {
        return find(name, workingDir, environment, 0);
    }

    /** Why the user cannot read {@code file}; empty when that should work. */
    public Optional<String> whyNotRead(Path file) {
        return access.whyNotRead(file);
    }

    private Path find(String name, Path workingDir, Map<String, String> environment, int depth)
            throws RefusedException {
        if (name.isEmpty()) {
            throw new RefusedException("command", "command: the name of the program is empty", "");
        }
        if (name.contains("/")) {
            Path file = workingDir.resolve(name);
            Optional<String> why = access.whyNotExecute(file);
            if (why.isPresent()) {
                throw new RefusedException(
                        "command", name + ": " + why.get() + fullPath(name, file), hint(why.get(), file));
            }
            checkInterpreter(name, file, workingDir, environment, depth);
            return file.normalize();
        }
        String path = environment.getOrDefault("PATH", DEFAULT_PATH);
        Optional<String> nearly = Optional.empty();
        for (String folder : path.split(":", -1)) {
            Path file = workingDir.resolve(folder).resolve(name);
            if (!Files.exists(file)) {
                continue;
            }
            Optional<String> why = access.whyNotExecute(file);
            if (why.isEmpty()) {
                checkInterpreter(name, file, workingDir, environment, depth);
                return file.normalize();
            }
            nearly = nearly.or(() -> Optional.of(file + ": " + why.get()));
        }
        if (nearly.isPresent()) {
            throw new RefusedException("command", name + ": found in PATH only as " + nearly.get(), "");
        }
        String missing = name + ": not found in PATH=" + path;
        Optional<Path> elsewhere = elsewhere(name);
        if (elsewhere.isEmpty()) {
            throw new RefusedException(
                    "command", missing, "install it, or write the full path of the program in command");
        }
        throw new RefusedException(
                "command",
                missing + "; found one under " + shortened(elsewhere.get()) + ": write command: " + elsewhere.get()
                        + " ...",
                "or add " + elsewhere.get().getParent() + " to PATH in environment");
    }

    /** A script whose first line names a program that is not there fails with the script's own name, which helps nobody. */
    private void checkInterpreter(String name, Path file, Path workingDir, Map<String, String> environment, int depth)
            throws RefusedException {
        Optional<List<String>> shebang = shebang(file);
        if (shebang.isEmpty() || depth == MOST_INTERPRETERS) {
            return;
        }
        String interpreter = shebang.get().getFirst();
        Optional<String> why = access.whyNotExecute(workingDir.resolve(interpreter));
        if (why.isPresent()) {
            String returns = interpreter.endsWith("\r")
                    ? "save the script with Unix line ends"
                    : "install it, or change that line";
            throw new RefusedException(
                    "command", name + ": its first line asks for " + interpreter.strip() + ": " + why.get(), returns);
        }
        boolean byEnv = interpreter.endsWith("/env") && shebang.get().size() == 2;
        String program = byEnv ? shebang.get().get(1).strip() : "";
        if (byEnv
                && !program.startsWith("-")
                && !program.contains("=")
                && !program.contains("/")
                && !program.contains(" ")) {
            try {
                find(program, workingDir, environment, depth + 1);
            } catch (RefusedException refused) {
                throw new RefusedException("command", name + " is a script for " + refused.message(), refused.hint());
            }
        }
    }

    /** Interpreter and its one argument from a {@code #!} line (execve(2)); empty where there is none or it cannot be read. */
    public static Optional<List<String>> shebang(Path file) {
        byte[] start;
        try (InputStream in = Files.newInputStream(file)) {
            start = in.readNBytes(LONGEST_SHEBANG);
        } catch (IOException cannotTell) {
            return Optional.empty();
        }
        String text = new String(start, StandardCharsets.UTF_8);
        if (!text.startsWith("#!")) {
            return Optional.empty();
        }
        int end = text.indexOf('\n');
        String line = trimBlanks(text.substring(2, end < 0 ? text.length() : end));
        int blank = line.indexOf(' ') < 0 ? line.indexOf('\t') : line.indexOf(' ');
        if (line.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                blank < 0 ? List.of(line) : List.of(line.substring(0, blank), trimBlanks(line.substring(blank + 1))));
    }

    /** Blanks and tabs only: a carriage return belongs to the interpreter's name, as it does for the kernel. */
    private static String trimBlanks(String text) {
        int from = 0;
        int to = text.length();
        while (from < to && (text.charAt(from) == ' ' || text.charAt(from) == '\t')) {
            from++;
        }
        while (to > from && (text.charAt(to - 1) == ' ' || text.charAt(to - 1) == '\t')) {
            to--;
        }
        return text.substring(from, to);
    }

    /** One where version managers and people put programs that no PATH of a service knows. The newest version wins. */
    private Optional<Path> elsewhere(String name) {
        List<Path> candidates = new ArrayList<>();
        addVersions(candidates, home.resolve(".nvm/versions/node"), "bin/" + name);
        candidates.add(home.resolve(".volta/bin").resolve(name));
        addVersions(candidates, home.resolve(".local/share/fnm/node-versions"), "installation/bin/" + name);
        candidates.add(home.resolve(".local/bin").resolve(name));
        candidates.add(home.resolve("bin").resolve(name));
        candidates.add(Path.of("/usr/local/bin").resolve(name));
        candidates.add(Path.of("/snap/bin").resolve(name));
        candidates.add(Path.of("/opt").resolve(name).resolve(name));
        addVersions(candidates, Path.of("/opt"), "bin/" + name);
        for (Path candidate : candidates) {
            if (access.whyNotExecute(candidate).isEmpty()) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    private static void addVersions(List<Path> candidates, Path folder, String below) {
        List<Path> versions = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
            for (Path entry : entries) {
                versions.add(entry);
                if (versions.size() == MOST_GUESSES) {
                    break;
                }
            }
        } catch (IOException none) {
            return;
        }
        versions.sort((a, b) ->
                compareVersions(b.getFileName().toString(), a.getFileName().toString()));
        versions.forEach(version -> candidates.add(version.resolve(below)));
    }

    /** v9.1.0 before v18.0.0: longer numbers are larger. */
    private static int compareVersions(String a, String b) {
        String[] left = a.split("\\D+");
        String[] right = b.split("\\D+");
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            int order = Integer.compare(left[i].length(), right[i].length());
            order = order != 0 ? order : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return a.compareTo(b);
    }

    private String shortened(Path path) {
        boolean own = path.startsWith(home) && home.getNameCount() > 0;
        return own ? "~" + identity.map(who -> who.name()).orElse("") + "/" + home.relativize(path) : path.toString();
    }

    private static String fullPath(String name, Path file) {
        return name.startsWith("/") ? "" : " (" + file.normalize() + ")";
    }

    private static String hint(String why, Path file) {
        return why.equals("not executable") ? "chmod +x " + file.normalize() : "";
    }
}
