package io.bulkhead.core;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * One instance as status shows it. Times are milliseconds since 1970 by the wall clock.
 *
 * @param reason why it is in this state, in words; empty where the state says it all
 * @param run the run that serves or starts, else the one that drains
 * @param restarts how often it was started again since the daemon came or since `reset`
 * @param nextAttempt when it is tried again, or started by its schedule
 * @param held whether a person stopped it
 * @param otherRuns a replacement that is not ready yet, and old runs that still drain
 */
public record InstanceView(
        InstanceId id,
        InstanceState state,
        String reason,
        Optional<String> run,
        OptionalInt pid,
        OptionalLong started,
        int restarts,
        Optional<LastExit> lastExit,
        OptionalLong nextAttempt,
        boolean held,
        List<String> otherRuns) {}
