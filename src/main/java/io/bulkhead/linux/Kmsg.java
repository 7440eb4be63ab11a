package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's log, read without waiting: one record each read (Documentation/ABI/testing/dev-kmsg). Only what comes after {@link #open}
 * is told. Containers and ordinary users usually may not read it: then there is no Kmsg.
 */
public final class Kmsg implements AutoCloseable {

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call LSEEK = Native.bind("lseek", 3);
    private static final int O_RDONLY_NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int SEEK_END = 2;
    private static final int LONGEST_RECORD = 8192;
    private static final int MOST_AT_ONCE = 1000;

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(LONGEST_RECORD);

    private Kmsg(int fd) {
        this.fd = fd;
    }

    /** Empty where we may not read it. */
    public static Optional<Kmsg> open() {
        return open(Path.of("/dev/kmsg"));
    }

    static Optional<Kmsg> open(Path device) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = OPEN.quiet(Native.string(arena, device.toString()).address(), O_RDONLY_NONBLOCK_CLOEXEC, 0);
            if (fd < 0) {
                return Optional.empty();
            }
            LSEEK.raw(fd, 0, SEEK_END);
            return Optional.of(new Kmsg(fd));
        }
    }

    /** For {@link Epoll#add}: readable when there are new records. */
    public int fd() {
        return fd;
    }

    /** The kernel's kills for want of memory since the last call. Records that were overwritten before we read them are lost. */
    public List<OomKill> oomKills() throws IOException {
        List<OomKill> kills = new ArrayList<>();
        for (int record = 0; record < MOST_AT_ONCE; record++) {
            long read = Fd.READ.raw(fd, buffer.address(), LONGEST_RECORD);
            if (read < 0) {
                switch (Native.lastErrno()) {
                    case Errno.EAGAIN -> {
                        return kills;
                    }
                    // Overwritten while we read: the next read goes on with the oldest there is. Too long: skipped.
                    case Errno.EPIPE, Errno.EINTR, Errno.EINVAL -> {}
                    default -> throw new ErrnoException("read /dev/kmsg", Native.lastErrno());
                }
            } else if (read == 0) {
                return kills;
            } else {
                byte[] bytes = buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
                OomKill.parse(new String(bytes, StandardCharsets.UTF_8)).ifPresent(kills::add);
            }
        }
        return kills;
    }

    @Override
    public void close() {
        Fd.close(fd);
        arena.close();
    }
}
