package io.bulkhead.core;

/** Why a run is started; the program sees it as BULKHEAD_CAUSE. */
public enum Cause {
    START,
    CRASH,
    RESTART,
    SCHEDULE,
    MAX_AGE,
    APPLY,
    /** The run before reached its drain mark. */
    DRAIN,
    RELOAD,
    /** The checks of the run before failed. */
    UNHEALTHY,
    /** The specification before is in force again. */
    ROLLBACK;

    /** Whether a run started for it brings something new, and must prove itself before the former is asked to go. */
    boolean rollsOut() {
        return this == RELOAD || this == APPLY || this == ROLLBACK;
    }
}
