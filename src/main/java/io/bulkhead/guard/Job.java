package io.bulkhead.guard;

import java.io.IOException;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a short-lived child does for the daemon, which stays small that way: it is asked once, answers with any number of JSON objects, and ends. */
public interface Job {

    /**
     * @param request a JSON object; it came by standard input, so it may hold secrets
     * @param answer takes JSON objects from one thread, each on its way at once
     * @throws IOException what kept it from being done, in a sentence for people
     */
    void run(Map<String, @Nullable Object> request, Consumer<Map<String, ?>> answer)
            throws IOException, InterruptedException;
}
