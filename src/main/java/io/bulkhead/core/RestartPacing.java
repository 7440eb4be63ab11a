package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Backoff;
import java.util.random.RandomGenerator;

/**
 * When a crashed instance is started again: SPEC section 2, {@code backoff}. A value; each crash gives the next one.
 *
 * <p>A run that lived for {@code reset_after} or longer ends the row. It is the life of the run that counts, not the time
 * between two crashes: otherwise a pause longer than {@code reset_after}, such as the breaker's, would end the row by itself.
 *
 * @param crashes crashes in a row, 0 after a stable run
 * @param doublings how often the pause has been doubled
 * @param verdict on the last crash
 * @param pauseMillis from the last crash to the next attempt
 */
record RestartPacing(int crashes, int doublings, Verdict verdict, long pauseMillis) {

    enum Verdict {
        AT_ONCE,
        PAUSE,
        /** Ten in a row: tried again every five minutes. */
        BREAKER,
        /** {@code max_attempts} restarts in a row were in vain: not tried again. */
        GIVE_UP
    }

    static final RestartPacing CALM = new RestartPacing(0, 0, Verdict.AT_ONCE, 0);

    static final int BREAKER_CRASHES = 10;
    static final long BREAKER_MILLIS = 5 * 60_000;
    private static final long LIVED_A_WHILE_MILLIS = 1000;

    /**
     * @param livedMillis from the start of the run that has now crashed; 0 when it could not even be started
     * @param random for the jitter: up to a tenth either way, never beyond {@code max}
     */
    RestartPacing crashed(long livedMillis, Backoff backoff, RandomGenerator random) {
        RestartPacing before = livedMillis >= backoff.resetAfter().toMillis() ? CALM : this;
        int row = before.crashes + 1;
        if (backoff.maxAttempts() > 0 && row > backoff.maxAttempts()) {
            return new RestartPacing(row, before.doublings, Verdict.GIVE_UP, 0);
        }
        if (row >= BREAKER_CRASHES) {
            return new RestartPacing(row, before.doublings, Verdict.BREAKER, BREAKER_MILLIS);
        }
        if (row == 1 && livedMillis >= LIVED_A_WHILE_MILLIS) {
            return new RestartPacing(row, 0, Verdict.AT_ONCE, 0);
        }
        return new RestartPacing(row, before.doublings + 1, Verdict.PAUSE, pause(before.doublings, backoff, random));
    }

    /** Where a former daemon had counted so many: the next attempt comes at once. */
    static RestartPacing after(int crashes) {
        if (crashes == 0) {
            return CALM;
        }
        Verdict verdict = crashes >= BREAKER_CRASHES ? Verdict.BREAKER : Verdict.PAUSE;
        return new RestartPacing(crashes, crashes - 1, verdict, 0);
    }

    /** Whether a run that lives for {@code livedMillis} has ended the row of crashes. */
    boolean overAfter(long livedMillis, Backoff backoff) {
        return crashes > 0 && livedMillis >= backoff.resetAfter().toMillis();
    }

    boolean breakerOpen() {
        return crashes > 0 && (verdict == Verdict.BREAKER || verdict == Verdict.GIVE_UP);
    }

    private static long pause(int doublings, Backoff backoff, RandomGenerator random) {
        long max = Math.max(1, backoff.max().toMillis());
        long base = Math.min(max, Math.max(1, backoff.first().toMillis()) << Math.min(doublings, 20));
        long jittered = base - base / 10 + random.nextLong(base / 5 + 1);
        return Math.clamp(jittered, 1, max);
    }
}
