package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.Optional;
import java.util.Set;

/**
 * What is remembered of a roll: of an app's way from one specification, or one state of its code, to the next.
 *
 * @param cause RELOAD or APPLY; START where only {@code prepared} matters
 * @param prepared {@code before_rollout} has run, or there is none
 * @param waiting indices of the instances whose runs are still to be replaced
 * @param former what to go back to; empty where the specification is the same, and where there is nothing before it
 * @param sinceWallMillis runs that were started before are old, milliseconds since 1970
 * @param watchedUntilWallMillis end of the watch, milliseconds since 1970; 0 while it still rolls
 */
public record RolloutMemory(
        String app,
        Cause cause,
        boolean prepared,
        Set<Integer> waiting,
        Optional<AppSpec> former,
        long sinceWallMillis,
        long watchedUntilWallMillis) {}
