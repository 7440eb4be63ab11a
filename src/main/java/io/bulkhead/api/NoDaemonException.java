package io.bulkhead.api;

import java.io.IOException;

/** There is no daemon to talk to. */
public final class NoDaemonException extends IOException {

    private static final long serialVersionUID = 1L;

    /** What is known about it. */
    public enum Why {
        /** No socket file: no daemon was started, or it ended properly. */
        ABSENT,
        /** A socket file without a listener: the daemon died. */
        DEAD,
        /** There is one, and this user may not talk to it. */
        DENIED
    }

    private final Why why;

    public NoDaemonException(Why why, String message) {
        super(message);
        this.why = why;
    }

    public Why why() {
        return why;
    }
}
