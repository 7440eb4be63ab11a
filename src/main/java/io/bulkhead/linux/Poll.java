package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Asks one descriptor whether it is ready (poll(2)). */
final class Poll {

    private static final Native.Call POLL = Native.bind("poll", 3);
    private static final short POLLIN = 1;

    private Poll() {}

    static boolean readable(int fd) {
        return await(fd, 0);
    }

    /** Waits up to {@code millis} until {@code fd} is readable, and says whether it is. */
    static boolean await(int fd, int millis) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(8, 4);
            entry.set(ValueLayout.JAVA_INT, 0, fd);
            entry.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            return POLL.quiet(entry.address(), 1, millis) > 0;
        }
    }
}
