package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Tells when tasks lost time because memory was short (Documentation/accounting/psi.rst): a descriptor that has {@link #INTEREST} at most once in each window in which the loss was
 * above a bound. Closing it takes the trigger back.
 */
public final class PressureTrigger implements AutoCloseable {

    /** For {@link Epoll#add}. Not IN: these files are always readable. The event is gone as soon as epoll has told it. */
    public static final int INTEREST = Epoll.PRI;

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final int O_RDWR_NONBLOCK_CLOEXEC = 2 | 0x800 | 0x80000;

    /** Without CAP_SYS_RESOURCE the kernel takes windows in multiples of this, and no others. */
    public static final int WINDOW_MILLIS = 2_000;

    private final int fd;

    private PressureTrigger(int fd) {
        this.fd = fd;
    }

    /**
     * On the whole host: {@code some} task waited for more than {@code stallMillis} within {@link #WINDOW_MILLIS}.
     *
     * @param stallMillis 1 to {@link #WINDOW_MILLIS}
     * @return empty where the kernel has no pressure figures, or does not let us
     */
    public static Optional<PressureTrigger> onHost(int stallMillis) {
        return open(Path.of("/proc/pressure/memory"), stallMillis);
    }

    /** Likewise on one compartment; empty but on cgroup v2. */
    public static Optional<PressureTrigger> on(Cgroup group, int stallMillis) {
        return group instanceof CgroupV2 v2
                ? open(v2.group().resolve("memory.pressure"), stallMillis)
                : Optional.empty();
    }

    private static Optional<PressureTrigger> open(Path file, int stallMillis) {
        try (Arena arena = Arena.ofConfined()) {
            int fd = OPEN.quiet(Native.string(arena, file.toString()).address(), O_RDWR_NONBLOCK_CLOEXEC, 0);
            if (fd < 0) {
                return Optional.empty();
            }
            // The kernel wants the string's final NUL too.
            byte[] text = ("some " + stallMillis * 1_000L + " " + WINDOW_MILLIS * 1_000L + "\0")
                    .getBytes(StandardCharsets.US_ASCII);
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, text);
            if (Fd.WRITE.raw(fd, data.address(), text.length) != text.length) {
                Fd.close(fd);
                return Optional.empty();
            }
            return Optional.of(new PressureTrigger(fd));
        }
    }

    public int fd() {
        return fd;
    }

    @Override
    public void close() {
        Fd.close(fd);
    }
}
