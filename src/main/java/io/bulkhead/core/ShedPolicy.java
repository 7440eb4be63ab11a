package io.bulkhead.core;

import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;

/**
 * Which app makes room when the host runs out of memory, before the kernel chooses one: the least important, among equals the one that
 * uses most; never the last of the most important ones. And how long the host must be well before one comes back.
 */
final class ShedPolicy {

    /** An app that runs. */
    record Candidate(String app, int importance, long bytes, boolean insistedOn) {}

    /** The host must have been well for so long before the first one comes back. */
    static final long HOLD_MILLIS = 30_000;

    static final long LONGEST_HOLD_MILLIS = 10 * 60_000;
    /** Between two that come back, and after one has gone, before the figures are believed again. */
    static final long STEP_MILLIS = 3_000;

    private static final Comparator<Candidate> FIRST_TO_GO = Comparator.comparingInt(Candidate::importance)
            .thenComparing(Comparator.comparingLong(Candidate::bytes).reversed())
            .thenComparing(Candidate::app);

    private ShedPolicy() {}

    static Optional<Candidate> victim(Collection<Candidate> running) {
        int top = Integer.MIN_VALUE;
        int ofTop = 0;
        for (Candidate each : running) {
            ofTop = each.importance > top ? 1 : each.importance == top ? ofTop + 1 : ofTop;
            top = Math.max(top, each.importance);
        }
        Optional<Candidate> victim = Optional.empty();
        for (Candidate each : running) {
            boolean lastOfTop = each.importance == top && ofTop == 1;
            if (!each.insistedOn && !lastOfTop && (victim.isEmpty() || FIRST_TO_GO.compare(each, victim.get()) < 0)) {
                victim = Optional.of(each);
            }
        }
        return victim;
    }

    /** @param times how often this app has been shed in a row: who makes the host short again each time waits ever longer */
    static long holdMillis(int times) {
        return Math.min(LONGEST_HOLD_MILLIS, HOLD_MILLIS << Math.clamp(times - 1, 0, 10));
    }
}
