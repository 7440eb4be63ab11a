package io.bulkhead.core;

import io.bulkhead.spec.Cron;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Optional;

/** Reads a crontab line; tests bring their own. */
@FunctionalInterface
interface CronTimes {

    long NEVER = Long.MAX_VALUE;

    /** The first time strictly after {@code wallMillis}, in milliseconds since 1970; {@link #NEVER} when none comes. */
    long after(Cron cron, long wallMillis);

    /** As {@link Cron#next} has it. */
    static long read(Cron cron, long wallMillis) {
        Optional<ZonedDateTime> next =
                cron.next(ZonedDateTime.ofInstant(Instant.ofEpochMilli(wallMillis), cron.zone()));
        return next.isEmpty() ? NEVER : next.get().toInstant().toEpochMilli();
    }
}
