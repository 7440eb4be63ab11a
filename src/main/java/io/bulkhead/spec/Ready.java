package io.bulkhead.spec;

import java.time.Duration;

/** When a run counts as ready. */
public sealed interface Ready {

    /** When it has lived that long. */
    record After(Duration time) implements Ready {}

    /** When it listens itself on every address under {@code listen}. */
    record Listening() implements Ready {}

    /** At the first check that is well. */
    record Healthy() implements Ready {}

    /** When it says so: {@code READY=1} to NOTIFY_SOCKET, as sd_notify(3) does. */
    record Notified() implements Ready {}

    /** When it says so: {@code process.send('ready')} of Node. */
    record Messaged() implements Ready {}
}
