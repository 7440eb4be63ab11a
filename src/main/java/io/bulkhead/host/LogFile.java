package io.bulkhead.host;

import io.bulkhead.linux.Errno;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.LogFd;
import io.bulkhead.linux.PipeBuffer;
import io.bulkhead.linux.Splice;
import io.bulkhead.spec.LogSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * One log on disk, written by the pump's thread. It rotates at the first end of a line after {@code maxBytes}, notices when someone else
 * moves, removes or empties the file, and never makes an app wait: what the disk does not take is dropped, counted and told.
 */
final class LogFile implements ReadableLog {

    /** How far beyond the mark the end of a line is looked for before it is cut. */
    static final int LINE_SEARCH = 1 << 16;

    /** A disk counts as full until it has this much room: a few bytes left in the last block are no room. */
    private static final long ROOM_AGAIN = 1 << 16;

    private static final LogSignal[] NOBODY = {};

    private final Path path;
    private final LogFd fd;
    private final LogIndex index;
    private final LogSegments segments;
    private final LogOutage outage;
    private final LogGzip gzip;
    private final PipeBuffer buffer;
    private final Splice splice;
    private volatile LogSpec spec;
    private volatile LogSignal[] watchers = NOBODY;
    private boolean diskFull;
    private boolean spliceable = true;
    private long size;

    LogFile(Path path, LogSpec spec, LogTrouble.Listener listener, LogGzip gzip, PipeBuffer buffer, Splice splice) {
        this.path = path;
        this.spec = spec;
        this.gzip = gzip;
        this.buffer = buffer;
        this.splice = splice;
        fd = new LogFd(path);
        index = new LogIndex(path);
        segments = new LogSegments(path);
        outage = new LogOutage(path, listener);
    }

    /** Any thread. */
    Path path() {
        return path;
    }

    /** Any thread. */
    LogSpec spec() {
        return spec;
    }

    /** How it is kept from now on. Any thread. */
    void configure(LogSpec changed) {
        spec = changed;
    }

    /** Bytes lost since the daemon started. Any thread. */
    long droppedBytes() {
        return outage.droppedEver();
    }

    @Override
    public LogSegments segments() {
        return segments;
    }

    @Override
    public synchronized void watch(LogSignal signal) {
        LogSignal[] more = Arrays.copyOf(watchers, watchers.length + 1);
        more[watchers.length] = signal;
        watchers = more;
    }

    @Override
    public synchronized void unwatch(LogSignal signal) {
        LogSignal[] fewer = new LogSignal[watchers.length];
        int kept = 0;
        for (LogSignal each : watchers) {
            if (each != signal) {
                fewer[kept++] = each;
            }
        }
        watchers = Arrays.copyOf(fewer, kept);
    }

    // From here on: the pump's thread only.

    /**
     * Makes ready to write what arrives now: the file is open and is the one under its name.
     *
     * @param now ms since 1970
     * @param tick ms of a clock that never goes back
     * @return whether it is worth trying; if not, what arrives must be dropped and told to {@link #drop}
     */
    boolean ready(long now, long tick) {
        if (outage.waits(tick)) {
            return false;
        }
        try {
            if (!fd.isOpen()) {
                open();
            } else {
                long inPlace = fd.sizeInPlace();
                if (inPlace == LogFd.GONE) {
                    open();
                } else if (inPlace < size) {
                    size = inPlace;
                    segments.restarted();
                    index.restart();
                } else {
                    size = inPlace;
                }
            }
            if (outage.isDown() && !resume(tick)) {
                return false;
            }
        } catch (IOException e) {
            fail(e, 0, tick);
            return false;
        }
        index.arriving(now, size);
        return true;
    }

    /**
     * Moves bytes from a pipe, at most {@code max} and at most one way around the rotation.
     *
     * @return as {@link Splice#toFile}
     */
    long take(int pipe, byte[] scratch, long max, long now, long tick) throws IOException {
        long room = spec.maxBytes() - size;
        if (room <= 0 && rotationDue()) {
            rotate(now);
            room = spec.maxBytes();
        }
        if (room > 0 && spliceable) {
            try {
                long moved = splice.toFile(pipe, fd.number(), size, Math.min(room, max));
                size += Math.max(0, moved);
                return moved;
            } catch (ErrnoException e) {
                if (e.errno() != Errno.EINVAL) {
                    throw e;
                }
                spliceable = false; // a file system that cannot: bytes take the long way
            }
        }
        int count = buffer.read(pipe, scratch, scratch.length);
        if (count > 0) {
            append(scratch, 0, count, now, tick);
        }
        return count;
    }

    /** Writes bytes that are in memory already, rotating where it is due. What does not get to the disk is dropped. */
    void append(byte[] bytes, int offset, int length, long now, long tick) {
        int at = offset;
        int end = offset + length;
        try {
            while (at < end && !outage.isDown()) {
                if (size >= spec.maxBytes() && rotationDue()) {
                    rotate(now);
                }
                int stop = stopBefore(bytes, at, end);
                while (at < stop) {
                    int written = buffer.write(fd.number(), bytes, at, stop - at, size);
                    size += written;
                    at += written;
                }
            }
            if (at < end) {
                outage.lost(end - at, tick);
            }
        } catch (IOException e) {
            fail(e, end - at, tick);
        }
    }

    /** Whether the disk refused, so that what arrives must be dropped. */
    boolean isDown() {
        return outage.isDown();
    }

    /** Where what is written from now on will begin. */
    LogPlace place() {
        return new LogPlace(segments.current(), size);
    }

    /** Whether the file ends in the middle of a line. */
    boolean endsInLine() {
        return size > 0 && fd.isOpen() && !fd.endsWith('\n', size);
    }

    /** {@code bytes} that arrived are lost. */
    void drop(long bytes, long tick) {
        outage.lost(bytes, tick);
    }

    /** The disk refused: nothing more is tried for a second. */
    void fail(IOException why, long bytes, long tick) {
        diskFull = why instanceof ErrnoException e && e.errno() == Errno.ENOSPC;
        if (!diskFull) {
            fd.close(); // whatever is wrong with it, a new look at the folder is the best cure
        }
        outage.failed(why.getMessage() == null ? why.toString() : why.getMessage(), bytes, tick);
    }

    /** Tells those who follow that there is more. */
    void signal() {
        for (LogSignal each : watchers) {
            each.raise();
        }
    }

    /** Empties the log: the current file, and every rotated one is removed. */
    void flush(long tick) {
        try {
            if (!fd.isOpen()) {
                open();
            }
            fd.truncate();
            size = 0;
            segments.restarted();
            segments.prune(0);
            index.restart();
        } catch (IOException e) {
            fail(e, 0, tick);
        }
        signal();
    }

    void close() {
        fd.close();
        index.close();
    }

    private void open() throws IOException {
        long before = size;
        long inode = fd.inode();
        openOrMake();
        if (inode != 0 && (fd.inode() != inode || size < before)) {
            segments.restarted();
        }
        index.open(size);
        if (inode == 0) {
            segments.removeUnfinished();
        }
        segments.prune(spec.keep());
    }

    private void openOrMake() throws IOException {
        try {
            size = fd.open();
        } catch (ErrnoException e) {
            Path folder = path.getParent();
            if (e.errno() != Errno.ENOENT || folder == null) {
                throw e;
            }
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-x---")));
            size = fd.open();
        }
    }

    private boolean resume(long tick) {
        if (diskFull && path.toFile().getUsableSpace() < ROOM_AGAIN) {
            outage.failed("write: " + Errno.text(Errno.ENOSPC), 0, tick);
            return false;
        }
        byte[] marker = ((endsInLine() ? "\n" : "") + outage.marker()).getBytes(StandardCharsets.UTF_8);
        try {
            for (int at = 0; at < marker.length; ) {
                int written = buffer.write(fd.number(), marker, at, marker.length - at, size);
                size += written;
                at += written;
            }
        } catch (IOException e) {
            fail(e, 0, tick);
            return false;
        }
        outage.over();
        return true;
    }

    /** Over the mark: at the end of a line, or far enough beyond it to give up the search. */
    private boolean rotationDue() {
        return size >= spec.maxBytes() + LINE_SEARCH || fd.endsWith('\n', size);
    }

    private void rotate(long now) throws IOException {
        LogSpec how = spec;
        index.close();
        var rotated = segments.rotate(now, how.keep());
        fd.close();
        size = fd.open();
        index.open(size);
        index.arriving(now, size);
        if (how.compress()) {
            rotated.ifPresent(gzip::compress);
        }
    }

    /** How much of the bytes goes into this file: all, or up to the first end of a line at or after the mark. */
    private int stopBefore(byte[] bytes, int from, int to) {
        long mark = spec.maxBytes();
        if (size + (to - from) <= mark) {
            return to;
        }
        int first = from + (int) Math.max(0, mark - size - 1);
        int last = (int) Math.min(to, from + (mark + LINE_SEARCH - size));
        for (int i = first; i < last; i++) {
            if (bytes[i] == '\n') {
                return i + 1;
            }
        }
        return last;
    }
}
