package io.bulkhead.core;

import java.util.Optional;
import java.util.OptionalInt;

/** What a command is about: everything, an app, or one instance of it ({@code all}, {@code api}, {@code api/2}). */
public record Target(Optional<String> app, OptionalInt instance) {

    public static final Target ALL = new Target(Optional.empty(), OptionalInt.empty());
}
