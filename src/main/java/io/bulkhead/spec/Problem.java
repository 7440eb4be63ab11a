package io.bulkhead.spec;

import java.util.Optional;

/**
 * One thing wrong with what the user wrote.
 *
 * @param severity errors keep a configuration from being used, warnings do not
 * @param file as the user named it
 * @param line from 1; 0 when the whole file is meant
 * @param column from 1, in characters
 * @param message what is wrong, one sentence without a full stop
 * @param hint what to do about it, such as a "did you mean"
 * @param sourceLine the line itself, for the caret; absent when the whole file is meant
 */
public record Problem(
        Severity severity,
        String file,
        int line,
        int column,
        String message,
        Optional<String> hint,
        Optional<String> sourceLine) {

    public enum Severity {
        ERROR,
        WARNING
    }
}
