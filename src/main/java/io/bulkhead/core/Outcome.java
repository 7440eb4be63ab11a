package io.bulkhead.core;

/**
 * How far a wish has come.
 *
 * @param exitCode of the command as SPEC section 3 has it, 0 while pending
 * @param message for people; while pending, what it waits for
 */
public record Outcome(State state, int exitCode, String message, String hint) {

    public enum State {
        PENDING,
        DONE,
        FAILED
    }

    static Outcome pending(String message) {
        return new Outcome(State.PENDING, 0, message, "");
    }

    static Outcome done(String message) {
        return new Outcome(State.DONE, 0, message, "");
    }

    static Outcome failed(int exitCode, String message, String hint) {
        return new Outcome(State.FAILED, exitCode, message, hint);
    }
}
