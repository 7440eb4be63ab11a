package io.bulkhead.spec;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/**
 * Five fields of crontab(5) in a time zone. Placeholder shape: the parsing is being written.
 *
 * @param text as the user wrote it
 * @param zone the zone its hours are in
 */
public record Cron(String text, ZoneId zone) {

    /** The first time strictly after {@code after}, or empty when none comes within four years. */
    public Optional<ZonedDateTime> next(ZonedDateTime after) {
        throw new IllegalStateException(text + " after " + after);
    }
}
