package io.bulkhead.core;

import java.util.Map;
import java.util.Optional;

/**
 * What is remembered of an instance across the lives of the daemon.
 *
 * @param restarts as counted for people
 * @param lastExit of its latest run
 * @param completed a one-shot that ended well and is not to run again by itself
 * @param gaveUp down for good, as {@code restart: never} or {@code max_attempts} says
 * @param crashes in a row, 0 after a stable run
 * @param incidents failures by cause since they were resolved
 */
public record InstanceMemory(
        int restarts,
        Optional<LastExit> lastExit,
        boolean completed,
        boolean gaveUp,
        int crashes,
        Map<ExitCause, Integer> incidents) {

    /** Of an instance that is new, or gone: nothing need be kept. */
    public static final InstanceMemory NONE = new InstanceMemory(0, Optional.empty(), false, false, 0, Map.of());
}
