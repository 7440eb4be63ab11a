package io.bulkhead.api;

/** A request that cannot be answered, in the form of SPEC section 6: {@code {"error": {"code", "message", "hint"}}}. */
public final class ApiException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final String code;
    private final String hint;

    /**
     * @param exitCode what the command ends with, SPEC section 3: 1 to 6
     * @param code one word for scripts, such as {@code no-such-app}
     * @param hint what to do next, empty when there is nothing to say
     */
    public ApiException(int exitCode, String code, String message, String hint) {
        super(message);
        this.exitCode = exitCode;
        this.code = code;
        this.hint = hint;
    }

    public int exitCode() {
        return exitCode;
    }

    public String code() {
        return code;
    }

    public String hint() {
        return hint;
    }
}
