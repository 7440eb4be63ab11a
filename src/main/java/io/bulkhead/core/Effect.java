package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.Map;

/** Something the host must do. Its outcome, where there is one, comes back as an {@link Event}. */
public sealed interface Effect {

    /** Start the program; answered by RunStarted or RunRefused. */
    record StartRun(String run, InstanceId instance, AppSpec app, Cause cause) implements Effect {}

    /** Ask it to end: send {@code app.stop()}'s signal. Answered by RunExited in the end, if it obeys. */
    record AskToStop(String run, AppSpec app) implements Effect {}

    /** End everything in its compartment now. Answered by RunExited. */
    record KillRun(String run) implements Effect {}

    /** No run of this instance lives or is about to: its keeper and compartment may go. */
    record Release(InstanceId instance) implements Effect {}

    /** Remember across restarts and reboots that a person stopped this instance, or started it again. */
    record RememberHold(InstanceId instance, boolean held) implements Effect {}

    /** Remember across restarts that this app exists, with its origin. */
    record RememberApp(AppSpec app, Origin origin) implements Effect {}

    record ForgetApp(String app) implements Effect {}

    /** Write to history and tell those who listen. Values are strings, numbers or booleans. */
    record Tell(String type, String app, int instance, String run, Map<String, Object> fields) implements Effect {}

    /** A failure worth explaining: an incident is opened from the exit and its circumstances. */
    record OpenIncident(String run, InstanceId instance, Exit exit, String consequence) implements Effect {}

    /** Everything is stopped and a shutdown was wished: the daemon may end. */
    record Finished() implements Effect {}
}
