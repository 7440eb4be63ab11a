package io.bulkhead.guard;

import java.io.IOException;

/** What listens there does not speak the language that was expected. The message is what it said instead. */
final class GarbageException extends IOException {

    private static final long serialVersionUID = 1;

    GarbageException(String said) {
        super(said);
    }
}
