package io.bulkhead.spec;

import java.util.List;
import java.util.Optional;

/**
 * One row of the table that everything about keys comes from: reading, "did you mean", duplicates, what is not available yet, and the
 * JSON Schema.
 *
 * @param name as SPEC section 2 has it
 * @param aliases Compose's words for it, accepted as well
 * @param foreign other programs' words for it, which only earn a hint
 * @param standard the default as a user would write it; empty where there is none
 * @param doc one sentence for editors
 * @param later whether it is read and checked but cannot be carried out yet
 */
record Key<T>(
        String name,
        List<String> aliases,
        List<String> foreign,
        Type<T> type,
        String standard,
        String doc,
        boolean later) {

    static <T> Key<T> of(String name, Type<T> type, String doc) {
        return new Key<>(name, List.of(), List.of(), type, "", doc, false);
    }

    Key<T> standard(String text) {
        return new Key<>(name, aliases, foreign, type, text, doc, later);
    }

    Key<T> alias(String other) {
        return new Key<>(name, List.of(other), foreign, type, standard, doc, later);
    }

    Key<T> foreign(String... others) {
        return new Key<>(name, aliases, List.of(others), type, standard, doc, later);
    }

    /** Its behaviour comes with a later version: writing it is an error, except to turn it off. */
    Key<T> notYet() {
        return new Key<>(name, aliases, foreign, type, standard, doc, true);
    }

    /** The default, read by the same type that reads what users write. */
    Optional<T> standardValue(Scope scope) {
        if (standard.isEmpty()) {
            return Optional.empty();
        }
        return type.read(new Node.Scalar(new SourceText("", standard).start(), standard, true), scope.under(name));
    }
}
