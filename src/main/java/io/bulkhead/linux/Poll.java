package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Asks one descriptor whether it is ready, without waiting (poll(2)). */
final class Poll {

    private static final Native.Call POLL = Native.bind("poll", 3);
    private static final short POLLIN = 1;

    private Poll() {}

    static boolean readable(int fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(8, 4);
            entry.set(ValueLayout.JAVA_INT, 0, fd);
            entry.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
            return POLL.quiet(entry.address(), 1, 0) > 0;
        }
    }
}
