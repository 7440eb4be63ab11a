package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;

/** An app's way from one specification, or one state of its code, to the next; while it rolls, and while it is watched afterwards. */
final class Roll {

    /** RELOAD, APPLY or START, which only waits for {@code before_rollout}. */
    final Cause cause;
    /** In which it began: runs ordered since are new. */
    final long turn;

    /** Runs that were started before, by the clock on the wall, are old; milliseconds since 1970. */
    final long sinceWall;
    /** The specification to go back to. */
    AppSpec former;
    /** One of several apps that go one after the other: the turn of the wish; 0: on its own. */
    final long together;

    /** End of the watch, monotonic milliseconds; {@code Long.MAX_VALUE} while it rolls. */
    long watchedUntil = Long.MAX_VALUE;

    private final Compared compared = new Compared();

    Roll(Cause cause, long turn, long sinceWall, AppSpec former, long together) {
        this.cause = cause;
        this.turn = turn;
        this.sinceWall = sinceWall;
        this.former = former;
        this.together = together;
    }

    /** The same by the clock on the wall, milliseconds since 1970; 0 while it rolls. */
    long watchedUntilWall;

    boolean rolling() {
        return watchedUntil == Long.MAX_VALUE;
    }

    /** Whether the specification to go back to is another one. */
    boolean changes(AppSpec spec) {
        return compared.needsNewRun(former, spec);
    }

    /** Whether it is this roll that {@code run} came with. */
    boolean brought(Run run) {
        return run.adopted ? run.startedWall >= sinceWall : run.turn >= turn;
    }
}
