package io.bulkhead.spec;

import java.util.Map;
import java.util.Optional;

/** What a key may hold: how it is read, and how an editor's schema says the same. */
interface Type<T> {

    /** The value; empty when it is wrong, which is then reported. */
    Optional<T> read(Node node, Scope scope);

    /** Whether the node has this type's shape, so that among several the right one reports the details. */
    boolean fits(Node node);

    /** To follow "wants": "a size such as 512M". */
    String wants();

    /** The same as JSON Schema, draft 2020-12: maps, lists, text, numbers and flags. */
    Map<String, Object> schema();

    /** {@code whole}: with the keys inside that are not available yet described in full. */
    default Map<String, Object> schema(boolean whole) {
        return schema();
    }

    /** What an app's value makes of the one in {@code defaults}: it replaces it, except where maps and sets are joined. */
    default T over(T base, T own) {
        return own;
    }
}
