package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A command that cannot do what it was asked: ends it with an exit code of SPEC section 3. */
final class Failure extends Exception {

    private static final long serialVersionUID = 1L;

    private final int exitCode;
    private final transient Doc document;

    /** @param document with {@code "error"}: code, hint and place, SPEC section 6, and what the daemon said besides */
    Failure(int exitCode, String message, Doc document) {
        super(message);
        this.exitCode = exitCode;
        this.document = document;
    }

    static Failure of(int exitCode, String code, String message, String hint) {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!hint.isEmpty()) {
            error.put("hint", hint);
        }
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("error", error);
        return new Failure(exitCode, message, new Doc(document));
    }

    int exitCode() {
        return exitCode;
    }

    Doc error() {
        return document.doc("error");
    }

    Doc document() {
        return document;
    }
}
