package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command that cannot do what it was asked: ends it with an exit code of SPEC section 3. */
final class Failure extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient Doc error;

    /** @param error code, hint and place, SPEC section 6 */
    Failure(int exitCode, String message, Doc error) {
        super(message);
        this.exitCode = exitCode;
        this.error = error;
    }

    static Failure of(int exitCode, String code, String message, String hint) {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!hint.isEmpty()) {
            error.put("hint", hint);
        }
        return new Failure(exitCode, message, new Doc(error));
    }

    int exitCode() {
        return exitCode;
    }

    Doc error() {
        return error;
    }
}
