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
    DRAIN
}
