package io.bulkhead.e2e;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Assumptions;

/** BullMQ, web frameworks and other versions of Node from npm, pinned by {@code src/test/node}, installed once for each lock file. */
public final class NodePackages {

    private static final Path SOURCES = Path.of("src/test/node").toAbsolutePath();
    private static final Path PM2 = Path.of("src/test/pm2").toAbsolutePath();

    private final Path folder;

    private NodePackages(Path folder) {
        this.folder = folder;
    }

    /** Installs them where they are missing; without npm or a registry the test is skipped, and says why. */
    public static NodePackages installed() throws Exception {
        return installed(SOURCES);
    }

    /** PM2's command, which it brings with a hundred packages of its own. */
    static Path pm2() throws Exception {
        return installed(PM2).folder.resolve("node_modules/pm2/bin/pm2");
    }

    private static NodePackages installed(Path sources) throws Exception {
        byte[] lock = Files.readAllBytes(sources.resolve("package-lock.json"));
        CRC32 sum = new CRC32();
        sum.update(lock);
        Path folder =
                Path.of(System.getProperty("user.home"), ".cache/bulkhead/tests-" + Long.toHexString(sum.getValue()));
        // npm writes this file last.
        if (!Files.exists(folder.resolve("node_modules/.package-lock.json"))) {
            install(sources, folder);
        }
        return new NodePackages(folder);
    }

    private static void install(Path sources, Path folder) throws Exception {
        Files.createDirectories(folder);
        for (String name : List.of("package.json", "package-lock.json")) {
            Files.copy(sources.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Path log = folder.resolve("npm.log");
        try {
            Process npm = new ProcessBuilder("npm", "install", "--ignore-scripts", "--no-audit", "--no-fund")
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            boolean ended = npm.waitFor(5, TimeUnit.MINUTES);
            npm.destroyForcibly();
            Assumptions.assumeTrue(
                    ended && npm.exitValue() == 0, () -> "npm install in " + folder + " failed, see npm.log there");
        } catch (IOException noNpm) {
            Assumptions.abort("npm is missing: apt install npm");
        }
    }

    /** Puts the test's programs into {@code place}, with the packages in reach. */
    void into(Path place) throws IOException {
        try (DirectoryStream<Path> sources = Files.newDirectoryStream(SOURCES, "*.{cjs,mjs}")) {
            for (Path source : sources) {
                Files.copy(source, place.resolve(source.getFileName().toString()));
            }
        }
        Files.createSymbolicLink(place.resolve("node_modules"), folder.resolve("node_modules"));
    }

    /** The folder of the binary {@code node} of a major version, 18 or 24. */
    public Path binOf(int major) {
        Path bin = folder.resolve("node_modules/node-" + major + "/bin");
        Assumptions.assumeTrue(Files.isExecutable(bin.resolve("node")), "npm has no such node for this machine");
        return bin;
    }
}
