package io.bulkhead.host;

import java.nio.file.Path;

/**
 * A log file could not take what an app wrote.
 *
 * @param droppedBytes lost since the trouble began
 * @param reason what the system said, such as "splice: No space left on device"
 */
public record LogTrouble(Phase phase, Path file, long droppedBytes, String reason) {

    public enum Phase {
        STARTED,
        CONTINUES,
        ENDED
    }

    /** Called on the pump's thread: must not wait. At most one started and one ended a minute for a file. */
    @FunctionalInterface
    public interface Listener {
        void tell(LogTrouble trouble);
    }
}
