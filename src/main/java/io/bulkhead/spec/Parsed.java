package io.bulkhead.spec;

import java.util.Optional;

/** What came of reading a short text: the value, or what is wrong with it. */
public sealed interface Parsed<T> {

    record Good<T>(T value) implements Parsed<T> {}

    /**
     * @param message what is wrong, to follow the name of the key
     * @param hint what to do about it
     * @param offset index in the text where it goes wrong
     */
    record Bad<T>(String message, Optional<String> hint, int offset) implements Parsed<T> {}

    static <T> Parsed<T> good(T value) {
        return new Good<>(value);
    }

    static <T> Parsed<T> bad(String message) {
        return new Bad<>(message, Optional.empty(), 0);
    }

    static <T> Parsed<T> bad(int offset, String message, String hint) {
        return new Bad<>(message, Optional.of(hint), offset);
    }

    /** The value where there is one. */
    default Optional<T> found() {
        return switch (this) {
            case Good<T>(T value) -> Optional.of(value);
            case Bad<T> bad -> Optional.empty();
        };
    }
}
