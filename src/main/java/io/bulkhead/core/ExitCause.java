package io.bulkhead.core;

/** Why a run ended, in the bare words of SPEC section 4. */
public enum ExitCause {
    EXITED("exited"),
    SIGNAL("signal"),
    OOM_LIMIT("oom-limit"),
    OOM_HOST("oom-host"),
    HEAP_LIMIT("heap-limit"),
    /** Ended by itself after it was asked to, at its drain mark. */
    DRAINED("drained"),
    /** Ended by itself after it was asked to, because its checks failed. */
    UNHEALTHY("unhealthy"),
    STOPPED("stopped"),
    KILLED_BY_US("killed-by-us"),
    KILLED_BY_OTHER("killed-by-other"),
    UNKNOWN("unknown");

    private final String word;

    ExitCause(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
