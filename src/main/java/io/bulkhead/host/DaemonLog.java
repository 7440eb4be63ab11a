package io.bulkhead.host;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The daemon's own log: one line per message, the time in UTC, a level, the words. It goes to {@code log/bulkhead.log}, which
 * is begun anew at 1 MiB with one former file kept, and to stderr where somebody reads that (systemd's journal).
 */
final class DaemonLog implements ReadableLog {

    private static final long MAX_BYTES = 1 << 20;
    private static final int FORMER_FILES = 1;

    private final Path file;
    private final boolean toStderr;
    private final PrintStream stderr = System.err;
    private final LogSegments segments;
    private final List<LogSignal> watchers = new ArrayList<>();

    DaemonLog(Path file, boolean toStderr) {
        this.file = file;
        this.toStderr = toStderr;
        segments = new LogSegments(file);
    }

    @Override
    public LogSegments segments() {
        return segments;
    }

    @Override
    public synchronized void watch(LogSignal signal) {
        watchers.add(signal);
    }

    @Override
    public synchronized void unwatch(LogSignal signal) {
        watchers.remove(signal);
    }

    void info(String message) {
        write("info", message);
    }

    void warn(String message) {
        write("warning", message);
    }

    /** A fault of ours, with its stack: the user is asked to report it. */
    void bug(Throwable bug) {
        StringWriter stack = new StringWriter();
        bug.printStackTrace(new PrintWriter(stack));
        write("bug", "an error in Bulkhead itself, please report it: " + stack);
    }

    private synchronized void write(String level, String message) {
        String line = Instant.now().truncatedTo(ChronoUnit.MILLIS) + " " + level + " " + message.strip() + "\n";
        if (toStderr) {
            stderr.print("bulkhead: " + message.strip() + "\n");
        }
        try {
            if (Files.exists(file) && Files.size(file) > MAX_BYTES) {
                segments.rotate(System.currentTimeMillis(), FORMER_FILES);
            }
            if (!Files.exists(file)) {
                Files.createFile(
                        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            }
            Files.writeString(file, line, StandardCharsets.UTF_8, StandardOpenOption.APPEND);
            watchers.forEach(LogSignal::raise);
        } catch (IOException full) {
            if (!toStderr) {
                stderr.print("bulkhead: " + message.strip() + "\n");
            }
        }
    }
}
