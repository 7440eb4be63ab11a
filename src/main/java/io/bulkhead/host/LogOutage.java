package io.bulkhead.host;

import java.nio.file.Path;

/** What one log file could not take: what is lost, when to try again, and when to speak of it. Owned by the pump's thread. */
final class LogOutage {

    private static final long RETRY_MILLIS = 1000;
    private static final long REPORT_MILLIS = 60_000;

    private final Path file;
    private final LogTrouble.Listener listener;
    private boolean down;
    private boolean told;
    private long retryAt;
    private long quietUntil = Long.MIN_VALUE;
    private long dropped;
    private String reason = "";
    private volatile long droppedEver;

    LogOutage(Path file, LogTrouble.Listener listener) {
        this.file = file;
        this.listener = listener;
    }

    boolean isDown() {
        return down;
    }

    /** Whether it is too early to try the disk again; {@code now} in milliseconds of a clock that never goes back. */
    boolean waits(long now) {
        return down && now < retryAt;
    }

    /** The disk said no, and {@code bytes} are lost by it. */
    void failed(String why, long bytes, long now) {
        down = true;
        reason = why;
        retryAt = now + RETRY_MILLIS;
        lost(bytes, now);
    }

    /** {@code bytes} more are lost while the disk says no. */
    void lost(long bytes, long now) {
        dropped += bytes;
        droppedEver = droppedEver + bytes; // one writer
        if (now >= quietUntil) {
            quietUntil = now + REPORT_MILLIS;
            listener.tell(new LogTrouble(
                    told ? LogTrouble.Phase.CONTINUES : LogTrouble.Phase.STARTED, file, dropped, reason));
            told = true;
        }
    }

    /** The disk takes bytes again. */
    void over() {
        down = false;
        if (told) {
            told = false;
            listener.tell(new LogTrouble(LogTrouble.Phase.ENDED, file, dropped, reason));
        }
        dropped = 0;
    }

    /** A line that marks the gap in the file, for those who read it later. */
    String marker() {
        return "-- bulkhead: " + dropped + " bytes of output are lost here: " + reason + " --\n";
    }

    /** Bytes lost since the daemon started. Any thread. */
    long droppedEver() {
        return droppedEver;
    }
}
