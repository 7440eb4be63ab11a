package io.bulkhead.linux;

/** What every descriptor has in common: read(2), write(2), close(2). */
public final class Fd {

    static final Native.Call READ = Native.bind("read", 3);
    static final Native.Call WRITE = Native.bind("write", 3);
    private static final Native.Call CLOSE = Native.bind("close", 1);

    private Fd() {}

    /** Closes {@code fd}. Errors are not told: after close(2) the number is free whatever it returned. */
    public static void close(int fd) {
        CLOSE.quiet(fd);
    }
}
