package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Schedule;
import io.bulkhead.spec.Cron;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When one app's schedule is due. As in cron(8): a clock set back by up to three hours does not bring a time twice; set back by
 * more, it was wrong before and is believed now. A clock set forward, or a host that slept, brings what was missed once, not each.
 */
final class Timetable {

    /** Steps of the clock are not announced: the wait is cut into pieces of this length. */
    static final long LOOK_AGAIN_MILLIS = 60_000;

    private static final long BELIEVED_STEP_MILLIS = 3 * 3_600_000;
    private static final long NEVER = Long.MAX_VALUE;

    @Nullable
    Schedule schedule;

    private long next = NEVER;
    /** Highest wall time seen; slots up to here are over. */
    private long reached = Long.MIN_VALUE;

    /** Whether the time has come; says so once for each slot. */
    boolean due(Optional<Schedule> wanted, Now now) {
        if (wanted.isEmpty()) {
            schedule = null;
            next = NEVER;
            return false;
        }
        long wall = now.wallMillis();
        boolean setBack = reached != Long.MIN_VALUE && reached - wall > BELIEVED_STEP_MILLIS;
        if (setBack || reached == Long.MIN_VALUE) {
            reached = wall;
        }
        if (setBack || !wanted.get().equals(schedule)) {
            schedule = wanted.get();
            reached = Math.max(reached, wall);
            next = after(schedule.cron(), reached);
            return false;
        }
        reached = Math.max(reached, wall);
        if (wall < next) {
            return false;
        }
        next = after(wanted.get().cron(), reached);
        return true;
    }

    /** Monotonic time at which to look again. */
    long lookAt(Now now) {
        return next == NEVER
                ? NEVER
                : now.monotonicMillis() + Math.clamp(next - now.wallMillis(), 0, LOOK_AGAIN_MILLIS);
    }

    /** Milliseconds since 1970; empty when nothing more comes. */
    Optional<Long> next() {
        return next == NEVER ? Optional.empty() : Optional.of(next);
    }

    private static long after(Cron cron, long wallMillis) {
        Optional<ZonedDateTime> next =
                cron.next(ZonedDateTime.ofInstant(Instant.ofEpochMilli(wallMillis), cron.zone()));
        return next.isEmpty() ? NEVER : next.get().toInstant().toEpochMilli();
    }
}
