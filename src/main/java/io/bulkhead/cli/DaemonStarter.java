package io.bulkhead.cli;

import io.bulkhead.spec.Home;
import java.io.IOException;

/** Leaves a daemon running on a home that has none. */
public interface DaemonStarter {

    /**
     * Starts it as {@code daemon} would, in a session of its own, and returns when it answers.
     *
     * @return its process
     * @throws IOException with what it said, when it ends before it answers
     */
    int leave(Caller caller, Home home) throws IOException;
}
