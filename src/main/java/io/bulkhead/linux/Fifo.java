package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Named pipes (fifo(7)). Always opened for reading and writing: such an open never waits for the other side, and as long as
 * one process holds it so, nothing unread is lost and no writer meets a broken pipe.
 */
public final class Fifo {

    private static final Native.Call MKFIFO = Native.bind("mkfifo", 2);
    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call CHOWN = Native.bind("chown", 3);
    private static final Native.Call CHMOD = Native.bind("chmod", 2);

    private static final int O_RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;

    private Fifo() {}

    /** Makes a new one with exactly these permission bits, whatever the umask is. */
    public static void create(Path path, int mode) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment name = Native.string(arena, path.toString());
            MKFIFO.call("mkfifo " + path, name.address(), mode);
            CHMOD.call("chmod " + path, name.address(), mode);
        }
    }

    /** Gives it to a user, so that the program run as that user may open {@code /dev/stdout}. */
    public static void give(Path path, int uid, int gid) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            CHOWN.call("chown " + path, Native.string(arena, path.toString()).address(), uid, gid);
        }
    }

    /** Opens it for reading and writing, not blocking, closed at exec. */
    public static int open(Path path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return OPEN.call(
                    "open " + path, Native.string(arena, path.toString()).address(), O_RDWR_NONBLOCK_CLOEXEC, 0);
        }
    }

    /** Writes all of {@code text} or throws: at most 4096 bytes, which a pipe takes whole or not at all (pipe(7)). */
    static void write(int fd, String what, String text) throws ErrnoException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment data = arena.allocateFrom(java.lang.foreign.ValueLayout.JAVA_BYTE, bytes);
            int written = Fd.WRITE.quiet(fd, data.address(), bytes.length);
            while (written < 0 && Native.lastErrno() == Errno.EINTR) {
                written = Fd.WRITE.quiet(fd, data.address(), bytes.length);
            }
            if (written < 0) {
                throw new ErrnoException(what, Native.lastErrno());
            }
        }
    }
}
