package io.bulkhead.cli;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;

/** Times of documents (RFC 3339) as a person at this machine reads them. */
final class Clock {

    private Clock() {}

    /** {@code 2026-11-21 23:50:11} in the zone of the caller; the text itself when it is no time. */
    static String local(String time) {
        long seconds = Words.epochSeconds(time);
        if (seconds < 0) {
            return Text.safe(time);
        }
        ZonedDateTime at = Instant.ofEpochSecond(seconds).atZone(ZoneId.systemDefault());
        return at.toLocalDate() + " " + two(at.getHour()) + ":" + two(at.getMinute()) + ":" + two(at.getSecond());
    }

    private static String two(int number) {
        return (number < 10 ? "0" : "") + number;
    }
}
