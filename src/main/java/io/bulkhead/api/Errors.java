package io.bulkhead.api;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Errors in the form of SPEC section 6, with the exit code that a command shall end with. */
final class Errors {

    /** Not now: nothing was done, and the same question may be answered in a moment. */
    static final int UNAVAILABLE = 503;

    private Errors() {}

    static void send(HttpResponse response, ApiException e) throws IOException {
        response.json(status(e.exitCode()), document(e.exitCode(), e.code(), e.getMessage() + "", e.hint()));
    }

    static void send(HttpResponse response, int status, String code, String message, String hint) throws IOException {
        response.json(status, document(status == 404 ? 4 : status < 500 ? 2 : 1, code, message, hint));
    }

    /** The HTTP status that fits an exit code of SPEC section 3. */
    static int status(int exitCode) {
        return switch (exitCode) {
            case 0 -> 200;
            case 2 -> 400;
            case 3 -> UNAVAILABLE;
            case 4 -> 404;
            case 5, 6 -> 409;
            default -> 500;
        };
    }

    private static Map<String, @Nullable Object> document(int exitCode, String code, String message, String hint) {
        Map<String, @Nullable Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", message);
        if (!hint.isEmpty()) {
            error.put("hint", hint);
        }
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("error", error);
        document.put("exit_code", exitCode);
        return document;
    }
}
