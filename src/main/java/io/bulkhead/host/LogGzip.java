package io.bulkhead.host;

import io.bulkhead.linux.LogFd;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Compresses rotated files when nothing else wants the processor. Its thread lives only while there is work, and takes its
 * memory with it. When files come faster than it works, they stay as they are: they count towards {@code keep} all the same.
 */
final class LogGzip {

    /** Ending of a file that is being written; what a dead daemon left of it is removed at the next start. */
    private static final String UNFINISHED = ".gz.tmp";

    private static final int WAITING = 16;
    private static final int CHUNK = 1 << 15;

    private final ArrayDeque<Path> waiting = new ArrayDeque<>();
    private boolean working;

    /** Any thread; never waits. */
    synchronized void compress(Path rotated) {
        if (waiting.size() >= WAITING) {
            return;
        }
        waiting.add(rotated);
        if (!working) {
            working = true;
            Thread.ofPlatform().name("log-gzip").daemon(true).start(this::work);
        }
    }

    /** Whether nothing is being compressed. */
    synchronized boolean idle() {
        return !working;
    }

    /** Where the copy of {@code rotated} grows. */
    static Path unfinished(Path rotated) {
        return rotated.resolveSibling(rotated.getFileName() + UNFINISHED);
    }

    private void work() {
        LogFd.yieldProcessor();
        while (true) {
            Path next;
            synchronized (this) {
                if (waiting.isEmpty()) {
                    working = false;
                    return;
                }
                next = waiting.remove();
            }
            try {
                pack(next);
            } catch (IOException | RuntimeException left) {
                // Removed meanwhile, or no room for the copy: the file stays as it is, and `keep` bounds it.
            }
        }
    }

    private static void pack(Path rotated) throws IOException {
        Path unfinished = unfinished(rotated);
        try {
            try (InputStream in = Files.newInputStream(rotated);
                    OutputStream file = create(unfinished);
                    OutputStream out = new Fast(file)) {
                byte[] chunk = new byte[CHUNK];
                for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
                    out.write(chunk, 0, count);
                }
            }
            if (Files.exists(rotated)) {
                Files.move(unfinished, LogSegments.compressed(rotated), StandardCopyOption.ATOMIC_MOVE);
                Files.deleteIfExists(rotated);
            }
        } finally {
            Files.deleteIfExists(unfinished);
        }
    }

    private static OutputStream create(Path path) throws IOException {
        Files.deleteIfExists(path);
        Files.createFile(path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
        return Files.newOutputStream(path, StandardOpenOption.WRITE);
    }

    /** Logs shrink to a tenth at the lowest level already, at a third of the time. */
    private static final class Fast extends GZIPOutputStream {
        Fast(OutputStream out) throws IOException {
            super(out, CHUNK);
            def.setLevel(Deflater.BEST_SPEED);
        }
    }
}
