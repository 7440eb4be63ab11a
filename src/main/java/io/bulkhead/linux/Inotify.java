package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.OptionalInt;

/** One inotify(7) instance; a user has 128 of them in all. Watches may be added and removed on any thread; one thread reads. */
final class Inotify implements AutoCloseable {

    static final int IN_MODIFY = 2;
    static final int IN_MOVED_TO = 0x80;
    static final int IN_CREATE = 0x100;
    static final int IN_ONLYDIR = 0x1000000;
    static final int IN_Q_OVERFLOW = 0x4000;

    /** One event after another. */
    interface Event {
        /**
         * @param watch -1 with {@link #IN_Q_OVERFLOW}: some events are lost
         * @param name of the file within a watched folder; empty for the watched file itself
         */
        void event(int watch, int mask, String name);
    }

    private static final Native.Call INOTIFY_INIT1 = Native.bind("inotify_init1", 1);
    private static final Native.Call INOTIFY_ADD_WATCH = Native.bind("inotify_add_watch", 3);
    private static final Native.Call INOTIFY_RM_WATCH = Native.bind("inotify_rm_watch", 2);
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;

    /** struct inotify_event: wd, mask, cookie, len, then a name of len bytes, NUL-padded. */
    private static final int HEADER = 16;

    private static final int BUFFER = 4096;

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER, 8);

    Inotify() throws ErrnoException {
        fd = INOTIFY_INIT1.call("inotify_init1", NONBLOCK_CLOEXEC);
    }

    /** For {@link Epoll#add}: readable when there are events. */
    int fd() {
        return fd;
    }

    /** The number of the watch, the same for every watch of one file; empty where it cannot be watched. */
    OptionalInt add(Path path, int mask) {
        try (Arena name = Arena.ofConfined()) {
            int watch = INOTIFY_ADD_WATCH.quiet(
                    fd, Native.string(name, path.toString()).address(), mask);
            return watch < 0 ? OptionalInt.empty() : OptionalInt.of(watch);
        }
    }

    /** A watch whose file has gone is gone already. */
    void remove(int watch) {
        INOTIFY_RM_WATCH.quiet(fd, watch);
    }

    /** Hands over what has happened. Never waits. */
    void read(Event event) throws ErrnoException {
        for (long read = read(); read > 0; read = read()) {
            for (long at = 0; at + HEADER <= read; at += HEADER + length(at)) {
                String name = length(at) == 0 ? "" : buffer.getString(at + HEADER);
                event.event(buffer.get(ValueLayout.JAVA_INT, at), buffer.get(ValueLayout.JAVA_INT, at + 4), name);
            }
        }
    }

    private int length(long at) {
        return buffer.get(ValueLayout.JAVA_INT, at + 12);
    }

    private long read() throws ErrnoException {
        long read = Fd.READ.raw(fd, buffer.address(), BUFFER);
        if (read < 0 && Native.lastErrno() != Errno.EAGAIN && Native.lastErrno() != Errno.EINTR) {
            throw new ErrnoException("read inotify", Native.lastErrno());
        }
        return read;
    }

    @Override
    public void close() {
        Fd.close(fd);
        arena.close();
    }
}
