import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Makes {@code target/bulkhead/}, a folder that runs on a Linux machine without Java, and of it a {@code .tar.gz}.
 * Maven runs this file with the JDK that compiled the classes: {@code java Package.java BASEDIR VERSION STARTED ARCHIVE
 * CLASSPATH}, where ARCHIVE false leaves the {@code .tar.gz} out.
 *
 * <pre>
 * bin/bulkhead          the launcher, a shell script
 * runtime/              the Java runtime: only the modules that are used, its program named so that `ps` says bulkhead
 * lib/*.jar             the classes
 * lib/drivers/*.jar     the drivers of databases, for the short-lived process that asks one
 * lib/libsqlitejdbc.so  SQLite, as a plain file: from inside its jar it would be unpacked into /tmp at every start
 * lib/cli-HASH.aot      what the JVM learned in a run during the build; named by what it was made from, because
 * lib/daemon-HASH.aot   this JDK runs the old class when a jar changes under a cache (JDK-8377932)
 * lib/guard-HASH.aot
 * share/                the manual page and what shells complete, as the program itself prints them
 * </pre>
 */
final class Package {

    private final Path target;
    private final Path packaging;
    private final Path folder;
    private final String version;
    private final String arch = System.getProperty("os.arch").equals("aarch64") ? "aarch64" : "x86_64";

    /** When the build began: a source that is changed after it is newer than the package. */
    private final FileTime started;

    private Package(Path base, String version, FileTime started) {
        this.target = base.resolve("target");
        this.packaging = base.resolve("src/main/packaging");
        this.folder = target.resolve("bulkhead");
        this.version = version;
        this.started = started;
    }

    public static void main(String[] args) throws Exception {
        if (args.length != 5) {
            throw new IllegalArgumentException("expected: BASEDIR VERSION STARTED ARCHIVE CLASSPATH");
        }
        Path base = Path.of(args[0]);
        FileTime started = FileTime.from(Instant.parse(args[2]));
        Package result = new Package(base, args[1], started);
        result.make(args[4].split(":"));
        if (Boolean.parseBoolean(args[3])) {
            result.archive();
        }
    }

    private void make(String[] classpath) throws Exception {
        Files.createDirectories(folder.resolve("bin"));
        Files.createDirectories(folder.resolve("lib"));
        Files.deleteIfExists(folder.resolve(".built"));

        List<Path> drivers = new ArrayList<>();
        List<Path> jars = new ArrayList<>();
        jars.add(copy(target.resolve("bulkhead-" + version + ".jar"), "bulkhead.jar"));
        for (String entry : classpath) {
            String name = Path.of(entry).getFileName().toString();
            if (name.startsWith("snakeyaml-engine-")) {
                jars.add(copy(Path.of(entry), "snakeyaml-engine.jar"));
            } else if (name.startsWith("sqlite-jdbc-")) {
                jars.add(Jars.withoutNatives(Path.of(entry), folder.resolve("lib"), arch));
            } else if (name.startsWith("postgresql-") || name.startsWith("mariadb-java-client-")) {
                drivers.add(Path.of(entry));
            } else if (name.endsWith(".jar")) {
                throw new IllegalStateException(
                        name + " is a new run-time dependency: say in Package.java how it is packaged");
            }
        }
        for (Path jar : jars) {
            // A cache remembers the time of its jars, and tar cuts times to seconds.
            Files.setLastModifiedTime(jar, FileTime.fromMillis(0));
        }

        drivers(drivers);
        RuntimeImage runtime = new RuntimeImage(folder.resolve("runtime"));
        runtime.link(jars);
        String hash = Jars.hash(jars, runtime.identity(), Files.readString(packaging.resolve("bulkhead.sh")));
        launcher(hash);
        new Training(folder, hash).run();

        documents();
        printed();
        Files.writeString(folder.resolve(".built"), hash + "\n");
        Files.setLastModifiedTime(folder.resolve(".built"), started);
        say("made target/bulkhead/");
    }

    /** Beside the class path and its caches: only a child that asks a database loads them. */
    private void drivers(List<Path> jars) throws IOException {
        Path into = folder.resolve("lib/drivers");
        Files.createDirectories(into);
        try (Stream<Path> former = Files.list(into)) {
            for (Path old : former.toList()) {
                Files.delete(old);
            }
        }
        for (Path jar : jars) {
            Files.copy(jar, into.resolve(jar.getFileName()));
        }
    }

    private Path copy(Path from, String name) throws IOException {
        Path to = folder.resolve("lib").resolve(name);
        Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
        return to;
    }

    private void launcher(String hash) throws IOException {
        Path script = folder.resolve("bin/bulkhead");
        Files.writeString(
                script, Files.readString(packaging.resolve("bulkhead.sh")).replace("@HASH@", hash));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private void documents() throws IOException {
        Path base = target.getParent();
        for (String name : List.of("LICENSE", "README.md", "CHANGELOG.md", "DEPENDENCIES.md")) {
            if (Files.exists(base.resolve(name))) {
                Files.copy(base.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /** A change of `man` or `completion` is a change of the classes, so these are always of this build. */
    private void printed() throws IOException, InterruptedException {
        print("share/man/man1/bulkhead.1", "man");
        print("share/bash-completion/completions/bulkhead", "completion", "bash");
        print("share/zsh/site-functions/_bulkhead", "completion", "zsh");
        print("share/fish/vendor_completions.d/bulkhead.fish", "completion", "fish");
    }

    private void print(String name, String... words) throws IOException, InterruptedException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        List<String> command =
                new ArrayList<>(List.of(folder.resolve("bin/bulkhead").toString()));
        command.addAll(List.of(words));
        Process program = new ProcessBuilder(command)
                .redirectOutput(file.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (program.waitFor() != 0 || Files.size(file) == 0) {
            throw new IOException(String.join(" ", command) + " printed nothing for " + file);
        }
    }

    /** Two builds of one commit on one machine differ only in the caches, which the JVM does not write reproducibly. */
    private void archive() throws IOException, InterruptedException {
        say("packing " + archiveName());
        Path archive = target.resolve(archiveName());
        Process tar = new ProcessBuilder(
                        "tar",
                        "-C",
                        target.toString(),
                        "--sort=name",
                        "--owner=0",
                        "--group=0",
                        "--numeric-owner",
                        "--format=gnu",
                        "--exclude=.built",
                        "--exclude=.made-from",
                        "--use-compress-program=gzip -n",
                        "--transform=s,^bulkhead," + archiveName().replace(".tar.gz", "") + ",",
                        "-cf",
                        archive.toString(),
                        "bulkhead")
                .inheritIO()
                .start();
        if (tar.waitFor() != 0) {
            throw new IOException("tar could not write " + archive);
        }
    }

    private String archiveName() {
        return "bulkhead-" + version + "-linux-" + arch + ".tar.gz";
    }

    /** A line of progress. `./bulkhead` shows the lines that begin like this. */
    static void say(String text) {
        System.out.println("package: " + text);
    }
}
