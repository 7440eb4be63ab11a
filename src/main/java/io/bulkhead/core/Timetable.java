package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Schedule;
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

    @Nullable
    Schedule schedule;

    private long next = CronTimes.NEVER;
    /** Highest wall time seen; slots up to here are over. */
    private long reached = Long.MIN_VALUE;

    /** Whether the time has come; says so once for each slot. */
    boolean due(Optional<Schedule> wanted, Now now, CronTimes cron) {
        if (wanted.isEmpty()) {
            schedule = null;
            next = CronTimes.NEVER;
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
            next = cron.after(schedule.cron(), reached);
            return false;
        }
        reached = Math.max(reached, wall);
        if (wall < next) {
            return false;
        }
        next = cron.after(wanted.get().cron(), reached);
        return true;
    }

    /** Monotonic time at which to look again. */
    long lookAt(Now now) {
        return next == CronTimes.NEVER
                ? CronTimes.NEVER
                : now.monotonicMillis() + Math.clamp(next - now.wallMillis(), 0, LOOK_AGAIN_MILLIS);
    }

    /** Milliseconds since 1970; empty when nothing more comes. */
    Optional<Long> next() {
        return next == CronTimes.NEVER ? Optional.empty() : Optional.of(next);
    }
}
