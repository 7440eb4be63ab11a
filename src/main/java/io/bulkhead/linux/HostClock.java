package io.bulkhead.linux;

import java.lang.foreign.Arena;

/** Whether the host's clock is kept right by somebody (adjtimex(2)). */
public final class HostClock {

    private static final Native.Call ADJTIMEX = Native.bind("adjtimex", 1);

    /** Larger than struct timex, which has 208 bytes. */
    private static final int STRUCT_SIZE = 256;

    private static final int TIME_ERROR = 5;

    private HostClock() {}

    /** Whether the kernel was told lately that the clock is right, by an NTP client or, in a virtual machine, by its host. Changes nothing. */
    public static boolean isSynchronised() {
        try (Arena arena = Arena.ofConfined()) {
            // All zero: no mode is set, it is only read.
            int state = ADJTIMEX.quiet(arena.allocate(STRUCT_SIZE, 8).address());
            return state != TIME_ERROR;
        }
    }
}
