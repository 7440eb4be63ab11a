package io.bulkhead.guard;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;

/** The native add-ons of a package that this machine may load: those for others, which packages bring along, are left out by their names. */
final class AddonFiles {

    private static final int MOST_ENTRIES = 5_000;
    private static final int MOST_FILES = 50;
    private static final int DEEPEST = 8;

    private static final Set<String> OTHERS = Set.of(
            "darwin",
            "macos",
            "win32",
            "windows",
            "msvc",
            "freebsd",
            "openbsd",
            "netbsd",
            "sunos",
            "aix",
            "android",
            "electron",
            "nw",
            "webkit",
            "wasm32",
            "wasm");
    private static final Set<String> X64 = Set.of("x64", "amd64", "x86_64");
    private static final Set<String> ARM64 = Set.of("arm64", "aarch64", "armv8");
    private static final Set<String> OTHER_PROCESSORS = Set.of(
            "arm",
            "armv6",
            "armv7",
            "armv7l",
            "armhf",
            "ia32",
            "x86",
            "i686",
            "ppc64",
            "ppc64le",
            "powerpc64le",
            "s390x",
            "riscv64",
            "loong64",
            "mips64el",
            "universal");
    private static final Set<String> MUSL = Set.of("musl", "linuxmusl", "alpine");
    private static final Set<String> GLIBC = Set.of("gnu", "glibc");

    private AddonFiles() {}

    /** Files of {@code folder} that end in {@code .node}, not of the packages below it. */
    static List<Path> in(Path folder) throws IOException {
        List<Path> files = new ArrayList<>();
        Files.walkFileTree(folder, Set.<FileVisitOption>of(), DEEPEST, new SimpleFileVisitor<>() {
            private int entries;

            @Override
            public FileVisitResult preVisitDirectory(Path at, BasicFileAttributes attributes) {
                return String.valueOf(at.getFileName()).equals("node_modules") && !at.equals(folder)
                        ? FileVisitResult.SKIP_SUBTREE
                        : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                if (attributes.isRegularFile()
                        && String.valueOf(file.getFileName()).endsWith(".node")
                        && isForUs(folder.getFileName() + "/" + folder.relativize(file))) {
                    files.add(file);
                }
                return ++entries < MOST_ENTRIES && files.size() < MOST_FILES
                        ? FileVisitResult.CONTINUE
                        : FileVisitResult.TERMINATE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException unreadable) {
                return FileVisitResult.CONTINUE;
            }
        });
        files.sort(null);
        return files;
    }

    /** By the words in its path: {@code prebuilds/darwin-arm64/node.napi.node}, {@code node.abi115.musl.node}. */
    static boolean isForUs(String path) {
        return isForUs(path, System.getProperty("os.arch", ""), isMusl());
    }

    static boolean isForUs(String path, String processor, boolean musl) {
        Set<String> words = new TreeSet<>(
                List.of(path.toLowerCase(Locale.ROOT).replace("x86_64", "x64").split("[/._+-]")));
        if (anyOf(words, OTHERS) || anyOf(words, musl ? GLIBC : MUSL)) {
            return false;
        }
        boolean arm = processor.equals("aarch64");
        boolean named = anyOf(words, X64) || anyOf(words, ARM64) || anyOf(words, OTHER_PROCESSORS);
        return !named || anyOf(words, arm ? ARM64 : X64);
    }

    private static boolean anyOf(Set<String> words, Set<String> known) {
        return known.stream().anyMatch(words::contains);
    }

    private static boolean isMusl() {
        return Files.exists(Path.of("/etc/alpine-release"));
    }
}
