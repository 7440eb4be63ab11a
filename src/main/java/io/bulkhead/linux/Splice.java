package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Moves bytes out of a pipe without bringing them into this process (splice(2)). Owned by one thread. */
public final class Splice {

    /** The pipe is empty, and somebody still holds it open for writing. */
    public static final long EMPTY = -1;

    private static final Native.Call SPLICE = Native.bind("splice", 6);
    private static final int NONBLOCK = 2;

    private final MemorySegment offset = Arena.ofAuto().allocate(8, 8);

    /**
     * Moves at most {@code max} bytes to {@code at} in a file. The place is explicit because a file opened with O_APPEND is
     * refused (EINVAL).
     *
     * @return bytes moved; 0 when the pipe is empty and nobody holds it open for writing; {@link #EMPTY}
     * @throws ErrnoException when the file cannot take them; nothing has left the pipe then
     */
    public long toFile(int pipe, int file, long at, long max) throws ErrnoException {
        offset.set(ValueLayout.JAVA_LONG, 0, at);
        return splice(pipe, file, offset.address(), max);
    }

    /** Moves at most {@code max} bytes into {@code sink}, which has no place to write at, such as {@code /dev/null}. */
    public long toSink(int pipe, int sink, long max) throws ErrnoException {
        return splice(pipe, sink, 0, max);
    }

    private static long splice(int pipe, int file, long offset, long max) throws ErrnoException {
        while (true) {
            long moved = SPLICE.raw(pipe, 0, file, offset, max, NONBLOCK);
            if (moved >= 0) {
                return moved;
            }
            int errno = Native.lastErrno();
            if (errno == Errno.EAGAIN) {
                return EMPTY;
            }
            if (errno != Errno.EINTR) {
                throw new ErrnoException("splice", errno);
            }
        }
    }
}
