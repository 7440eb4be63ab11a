package io.bulkhead.linux;

/** Something the user asked for that cannot be: which step of a start, what is wrong, and what to do about it. */
public final class RefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String step;
    private final String hint;

    RefusedException(String step, String message, String hint) {
        super(message);
        this.step = step;
        this.hint = hint;
    }

    /** What failed: user, group, working_dir or command. */
    public String step() {
        return step;
    }

    /** The message in full, such as "working_dir /srv/x: permission denied for user api". */
    public String message() {
        return String.valueOf(getMessage());
    }

    /** What to do, empty when there is nothing to say. */
    public String hint() {
        return hint;
    }
}
