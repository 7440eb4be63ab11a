package io.bulkhead.linux;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** The error numbers this program decides by (asm-generic/errno.h), and their texts from strerror(3). */
public final class Errno {

    public static final int EPERM = 1;
    public static final int ENOENT = 2;
    public static final int ESRCH = 3;
    public static final int EINTR = 4;
    public static final int EBADF = 9;
    public static final int EAGAIN = 11;
    public static final int EACCES = 13;
    public static final int EBUSY = 16;
    public static final int EEXIST = 17;
    public static final int EINVAL = 22;
    public static final int ENFILE = 23;
    public static final int EMFILE = 24;
    public static final int ENOSPC = 28;
    public static final int EPIPE = 32;
    public static final int EAFNOSUPPORT = 97;
    public static final int EADDRINUSE = 98;
    public static final int EADDRNOTAVAIL = 99;
    public static final int ECONNREFUSED = 111;
    public static final int ECHILD = 10;

    private Errno() {}

    /** The C library's words for {@code errno}, such as "Permission denied". */
    public static String text(int errno) {
        try {
            MemorySegment text = (MemorySegment) Strerror.CALL.invokeExact(errno);
            return text.reinterpret(256).getString(0);
        } catch (Throwable impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static final class Strerror {
        static final java.lang.invoke.MethodHandle CALL = Native.LINKER.downcallHandle(
                Native.LINKER.defaultLookup().findOrThrow("strerror"),
                java.lang.foreign.FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_INT));
    }
}
