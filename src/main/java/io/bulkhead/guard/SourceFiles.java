package io.bulkhead.guard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The code of an app, without that of its packages. With bounds: what a person wrote is smaller. */
final class SourceFiles {

    static final List<String> BUILT = List.of(".js", ".cjs", ".mjs");
    static final List<String> WRITTEN = List.of(".ts", ".mts", ".cts", ".tsx");

    private static final int MOST_FILES = 5_000;
    private static final long LARGEST = 4 << 20;
    private static final long MOST_BYTES = 64 << 20;
    private static final int DEEPEST = 16;
    private static final Set<String> NOT_OURS = Set.of(
            "node_modules",
            ".git",
            "test",
            "tests",
            "__tests__",
            "coverage",
            "public",
            "static",
            "vendor",
            "generated");

    private SourceFiles() {}

    interface Reader {
        void read(Path file, String text);
    }

    /** The folder of what the app runs: that of its build, or of its source. */
    static Path running(NodeApp app) {
        Optional<Path> script = app.scriptFile().filter(file -> file.startsWith(app.folder()));
        if (script.isPresent()) {
            Path below = app.folder().relativize(script.get());
            return below.getNameCount() > 1 ? app.folder().resolve(below.getName(0)) : app.folder();
        }
        Path dist = app.folder().resolve("dist");
        return Files.isDirectory(dist) ? dist : app.folder().resolve("src");
    }

    /** Hands over the text of each file with such an ending, as ISO 8859-1. */
    static void each(Path folder, List<String> endings, Reader reader) throws IOException {
        walk(folder, endings, new SimpleFileVisitor<>() {
            private long read;

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                read += attributes.size();
                if (attributes.size() <= LARGEST && read <= MOST_BYTES) {
                    try {
                        reader.read(file, Files.readString(file, StandardCharsets.ISO_8859_1));
                    } catch (IOException unreadable) {
                        // It is then not this app that runs it.
                    }
                }
                return read <= MOST_BYTES ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }
        });
    }

    /** When the youngest of the files with such an ending was written; empty where there is none. */
    static Optional<FileTime> newest(Path folder, List<String> endings) throws IOException {
        FileTime[] newest = {FileTime.fromMillis(0)};
        walk(folder, endings, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.lastModifiedTime().compareTo(newest[0]) > 0) {
                    newest[0] = attributes.lastModifiedTime();
                }
                return FileVisitResult.CONTINUE;
            }
        });
        return Optional.of(newest[0]).filter(time -> time.toMillis() > 0);
    }

    private static void walk(Path folder, List<String> endings, SimpleFileVisitor<Path> visitor) throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Files.walkFileTree(folder, Set.<FileVisitOption>of(), DEEPEST, new SimpleFileVisitor<>() {
            private int files;

            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
                return NOT_OURS.contains(String.valueOf(at.getFileName())) && !at.equals(folder)
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                String name = String.valueOf(file.getFileName());
                if (!attributes.isRegularFile()
                        || name.contains(".spec.")
                        || name.contains(".test.")
                        || endings.stream().noneMatch(name::endsWith)) {
                    return FileVisitResult.CONTINUE;
                }
                return ++files > MOST_FILES ? FileVisitResult.TERMINATE : visitor.visitFile(file, attributes);
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
                return FileVisitResult.CONTINUE;
            }
        });
    }

    /** {@code src/app.module.ts:12}. */
    static String place(NodeApp app, Path file, String text, int at) {
        int line = 1;
        for (int i = 0; i < at; i++) {
            line += text.charAt(i) == '\n' ? 1 : 0;
        }
        return (file.startsWith(app.folder()) ? app.folder().relativize(file) : file) + ":" + line;
    }

    /** Whether the line says so only in a comment, as far as its beginning tells. */
    static boolean isComment(String text, int at) {
        String before = text.substring(text.lastIndexOf('\n', at) + 1, at).strip();
        return before.startsWith("*") || before.startsWith("/*") || before.startsWith("//") || before.contains(" //");
    }
}
