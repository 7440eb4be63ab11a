package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.util.List;

/** One question that is asked before an app starts, is reloaded or applied. Without state: several apps are looked at in parallel. */
public interface Check {

    /** The word of {@code --skip} and of {@code check --json}, such as {@code lockfile}. */
    String name();

    /**
     * Looks, and changes nothing. May wait for files and for short commands of its own; all checks of an app together have some seconds.
     *
     * @return nothing where all is well, or where the question has no meaning for this app
     * @throws IOException when it could not look; told as a warning
     */
    List<Finding> look(Subject subject) throws IOException, InterruptedException;
}
