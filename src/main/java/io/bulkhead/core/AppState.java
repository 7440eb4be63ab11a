package io.bulkhead.core;

import java.util.Collection;

/** State of an app, in the words of SPEC section 4. */
public enum AppState {
    /** Every instance is ready. */
    UP("up"),
    /** Some are. */
    DEGRADED("degraded"),
    /** None is, though at least one should be. */
    DOWN("down"),
    STOPPED("stopped"),
    BLOCKED("blocked"),
    COMPLETED("completed");

    private final String word;

    AppState(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }

    static AppState of(Collection<InstanceState> instances) {
        int ready = 0;
        boolean blocked = false;
        boolean completed = false;
        boolean trying = false;
        for (InstanceState state : instances) {
            switch (state) {
                case READY -> ready++;
                case BLOCKED -> blocked = true;
                case COMPLETED -> completed = true;
                case STARTING, DRAINING, BACKOFF, CRASHED -> trying = true;
                case STOPPED -> {}
            }
        }
        if (ready > 0) {
            return ready == instances.size() ? UP : DEGRADED;
        }
        if (trying) {
            return DOWN;
        }
        if (blocked) {
            return BLOCKED;
        }
        return completed ? COMPLETED : STOPPED;
    }
}
