package io.bulkhead.core;

/** State of one instance, in the words of SPEC section 4. */
public enum InstanceState {
    STARTING("starting"),
    READY("ready"),
    DRAINING("draining"),
    STOPPED("stopped"),
    BACKOFF("backoff"),
    /** The breaker is open: tried again slowly, or not at all, as its reason says. */
    CRASHED("crashed"),
    BLOCKED("blocked"),
    COMPLETED("completed");

    private final String word;

    InstanceState(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
