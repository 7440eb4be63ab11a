package io.bulkhead.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Something that a look at a configuration and its host found.
 *
 * @param app empty where no single one is meant
 * @param check a word for what was looked at, such as {@code memory-budget}
 * @param message what it means, one sentence without a full stop
 * @param evidence what it rests on, a line each
 * @param fix what to do, may be empty
 */
public record Finding(String app, String check, Severity severity, String message, List<String> evidence, String fix) {

    /** Errors keep a configuration from being used, warnings do not. */
    public enum Severity {
        INFO("info"),
        WARNING("warning"),
        ERROR("error");

        private final String word;

        Severity(String word) {
            this.word = word;
        }
    }

    public boolean isError() {
        return severity == Severity.ERROR;
    }

    /** The message with the app it is about. */
    public String sentence() {
        return app.isEmpty() ? message : app + ": " + message;
    }

    /** The object of {@code check --json}, SPEC section 6. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("app", app);
        map.put("check", check);
        map.put("severity", severity.word);
        map.put("message", message);
        map.put("evidence", String.join("\n", evidence));
        map.put("fix", fix);
        return map;
    }
}
