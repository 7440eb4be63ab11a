import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * The Java runtime of the package. Not compressed: a compressed one is smaller on disk and costs 8 MB of resident
 * memory. Linking takes seconds, so a runtime that was made from the same JDK and modules is kept.
 */
final class RuntimeImage {

    /** Used without a class that jdeps could see: peer credentials of a unix socket, and signals. */
    private static final List<String> ALWAYS = List.of("java.base", "java.sql", "jdk.net", "jdk.unsupported");

    private final Path folder;
    private String identity = "";

    RuntimeImage(Path folder) {
        this.folder = folder;
    }

    /** Links the modules that {@code jars} need, unless that is what is already there. */
    void link(List<Path> jars) throws IOException {
        String modules = String.join(",", modules(jars));
        Path home = Path.of(System.getProperty("java.home"));
        identity = Runtime.version() + " " + home + " " + Files.getLastModifiedTime(home.resolve("lib/modules")) + " "
                + modules;
        Path stamp = folder.resolve(".made-from");
        if (Files.exists(stamp) && Files.readString(stamp).equals(identity)) {
            return;
        }
        Package.say("linking the Java runtime (" + modules + ") out of JDK " + Runtime.version());
        delete(folder);
        tool(
                "jlink",
                "--add-modules",
                modules,
                "--output",
                folder.toString(),
                "--strip-debug",
                "--no-man-pages",
                "--no-header-files");
        nameProgram();
        withoutComments(folder.resolve("conf/security/java.security"));
        Files.writeString(stamp, identity);
    }

    /** What the runtime was made from. */
    String identity() {
        return identity;
    }

    private static TreeSet<String> modules(List<Path> jars) throws IOException {
        // sqlite-jdbc knows GraalVM and slf4j; it is there to be found, and ALWAYS names what it uses.
        List<Path> roots =
                jars.stream().filter(jar -> !jar.endsWith("sqlite-jdbc.jar")).toList();
        List<Path> others =
                jars.stream().filter(jar -> jar.endsWith("sqlite-jdbc.jar")).toList();
        List<String> arguments = new ArrayList<>(List.of("--print-module-deps", "--ignore-missing-deps"));
        arguments.addAll(List.of("--multi-release", "25", "--class-path", String.join(":", strings(others))));
        arguments.addAll(strings(roots));
        String answer = tool("jdeps", arguments.toArray(String[]::new));
        TreeSet<String> modules = new TreeSet<>(ALWAYS);
        modules.addAll(List.of(answer.strip().split(",")));
        return modules;
    }

    private static List<String> strings(List<Path> paths) {
        return paths.stream().map(Path::toString).toList();
    }

    /** `ps` and `top` show the name of the file, so it bears ours; the JDK finds its runtime by the file's place. */
    private void nameProgram() throws IOException {
        Files.move(folder.resolve("bin/java"), folder.resolve("bin/bulkhead"));
        try (Stream<Path> others = Files.list(folder.resolve("bin"))) {
            for (Path other : others.filter(file -> !file.endsWith("bulkhead")).toList()) {
                Files.delete(other);
            }
        }
        // The JVM calls itself by this name when it writes a cache.
        Files.createSymbolicLink(folder.resolve("bin/java"), Path.of("bulkhead"));
    }

    /** Read and parsed, 72 KB of it, before the first unix socket is opened; what it says fits into 3 KB. */
    private static void withoutComments(Path properties) throws IOException {
        List<String> lines = Files.readAllLines(properties);
        lines.removeIf(line -> line.isBlank() || line.stripLeading().startsWith("#"));
        Files.write(properties, lines);
    }

    private static String tool(String name, String... arguments) throws IOException {
        ToolProvider tool = ToolProvider.findFirst(name)
                .orElseThrow(() -> new IOException(
                        name + " is not in " + System.getProperty("java.home") + ": a JDK is needed, not a JRE"));
        StringWriter text = new StringWriter();
        PrintWriter out = new PrintWriter(text, true);
        if (tool.run(out, out, arguments) != 0) {
            throw new IOException(name + " failed: " + text);
        }
        return text.toString();
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
