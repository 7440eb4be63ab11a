package io.bulkhead.cli;

/** A command line that is not understood: exit code 2. */
final class UsageException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String hint;

    /** @param hint what to write instead */
    UsageException(String message, String hint) {
        super(message);
        this.hint = hint;
    }

    String hint() {
        return hint;
    }
}
