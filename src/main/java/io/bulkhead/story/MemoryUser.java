package io.bulkhead.story;

import io.bulkhead.core.Words;

/**
 * Who used how much of the host's memory.
 *
 * @param name of an instance, or of a process with its pid
 * @param app whose instance it is; empty for a process that Bulkhead does not run
 * @param bytes that could not be dropped
 * @param limited whether it has a limit of its own
 */
public record MemoryUser(String name, String app, long bytes, boolean limited) {

    String words() {
        return name + " " + Words.bytes(bytes)
                + (app.isEmpty() ? " (not run by Bulkhead)" : limited ? "" : " (no limit)");
    }
}
