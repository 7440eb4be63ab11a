package io.bulkhead.spec;

import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Optional;

/** placeholder */
public record Cron(String text, ZoneId zone) {

    public static Parsed<Cron> parse(String text, ZoneId zone) {
        return Parsed.good(new Cron(text, zone));
    }

    public Optional<ZonedDateTime> next(ZonedDateTime after) {
        throw new IllegalStateException(text + " after " + after);
    }
}
