package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** How wide a terminal is now: ioctl_tty(2), TIOCGWINSZ. For programs that have loaded native access anyway. */
public final class TerminalSize {

    private static final Native.Call IOCTL = Native.bind("ioctl", 3);

    /** The same number on x86-64 and arm64 (asm-generic/ioctls.h). */
    private static final int TIOCGWINSZ = 0x5413;

    /** struct winsize: rows, columns, and two that nobody fills in; 16 bits each. */
    private static final long SIZE = 8;

    private static final long COLUMNS_AT = 2;

    private TerminalSize() {}

    /** Columns of the terminal at {@code descriptor}; 0 when it is none or does not know. */
    public static int columns(int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment size = arena.allocate(SIZE);
            int result = IOCTL.quiet(descriptor, TIOCGWINSZ, Native.address(size));
            return result < 0 ? 0 : Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, COLUMNS_AT));
        }
    }
}
