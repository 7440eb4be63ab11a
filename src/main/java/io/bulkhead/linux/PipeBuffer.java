package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** 64 KiB outside the heap, through which bytes that must be looked at travel from a pipe to a file. Owned by one thread. */
public final class PipeBuffer {

    public static final int SIZE = 1 << 16;

    /** Nothing to read now. */
    public static final int EMPTY = -1;

    private static final Native.Call PWRITE = Native.bind("pwrite", 4);

    private final MemorySegment memory = Arena.ofAuto().allocate(SIZE, 64);

    /**
     * Reads at most {@code max} bytes to the start of {@code into}.
     *
     * @return bytes read; 0 when nobody holds the pipe open for writing; {@link #EMPTY}
     */
    public int read(int pipe, byte[] into, int max) throws ErrnoException {
        while (true) {
            long count = Fd.READ.raw(pipe, memory.address(), Math.min(Math.min(max, into.length), SIZE));
            if (count >= 0) {
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, into, 0, (int) count);
                return (int) count;
            }
            int errno = Native.lastErrno();
            if (errno == Errno.EAGAIN) {
                return EMPTY;
            }
            if (errno != Errno.EINTR) {
                throw new ErrnoException("read", errno);
            }
        }
    }

    /**
     * Writes to {@code at} in {@code file}; a disk that fills up may take a part.
     *
     * @return bytes written, at least 1 of at most {@link #SIZE}
     */
    public int write(int file, byte[] from, int offset, int length, long at) throws ErrnoException {
        int part = Math.min(length, SIZE);
        MemorySegment.copy(from, offset, memory, ValueLayout.JAVA_BYTE, 0, part);
        while (true) {
            long count = PWRITE.raw(file, memory.address(), part, at);
            if (count > 0) {
                return (int) count;
            }
            int errno = count == 0 ? Errno.ENOSPC : Native.lastErrno();
            if (errno != Errno.EINTR) {
                throw new ErrnoException("write", errno);
            }
        }
    }
}
