package io.bulkhead.guard;

import io.bulkhead.linux.HostClock;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/** A clock that is before what is on the disk: certificates are not valid yet, tokens are from the future, schedules wait for years. */
final class ClockCheck implements Check {

    private static final Duration TOLERATED = Duration.ofDays(1);

    /** Before there was a Bulkhead: a board without a battery begins in 1970, or in the year of its firmware. */
    private static final Instant NEVER = Instant.parse("2020-01-01T00:00:00Z");

    @Override
    public String name() {
        return "clock";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        List<Finding> wrong = judge(
                subject,
                Instant.now(),
                Files.getLastModifiedTime(subject.program()).toInstant());
        return !wrong.isEmpty() || HostClock.isSynchronised()
                ? wrong
                : List.of(subject.note(
                        this,
                        "nobody keeps the host's clock right (NTP)",
                        "timedatectl set-ntp true, or apt install chrony"));
    }

    /** @param made when the program was written to the disk */
    List<Finding> judge(Subject subject, Instant now, Instant made) {
        String fix = "set it: timedatectl set-ntp true, or date -s";
        String says = "the host's clock says " + now.truncatedTo(ChronoUnit.SECONDS);
        if (now.isBefore(NEVER)) {
            return List.of(subject.error(this, says + ", which is wrong", fix, "this program is newer"));
        }
        return made.isAfter(now.plus(TOLERATED))
                ? List.of(subject.warning(
                        this,
                        says + ", which is before its program was made",
                        fix,
                        subject.program() + " is from " + made.truncatedTo(ChronoUnit.SECONDS)))
                : List.of();
    }
}
