package io.bulkhead.api;

import java.io.IOException;

/** A request that is not understood or over a limit: answered with the status, and the connection ends. */
final class HttpRefusal extends IOException {

    private static final long serialVersionUID = 1L;

    private final int status;

    HttpRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    int status() {
        return status;
    }
}
