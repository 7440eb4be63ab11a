package io.bulkhead.linux;

import java.io.IOException;

/** A system call that failed: which one, on what, and the kernel's reason (errno(3)). */
public final class ErrnoException extends IOException {

    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    ErrnoException(String call, int errno) {
        super(call + ": " + Errno.text(errno));
        this.call = call;
        this.errno = errno;
    }

    /** The call and what it was asked to do, such as {@code mkfifo /run/bulkhead/api-0/log}. */
    public String call() {
        return call;
    }

    /** The number the kernel gave, one of the constants of {@link Errno}. */
    public int errno() {
        return errno;
    }
}
