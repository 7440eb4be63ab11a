package io.bulkhead.spec;

import io.bulkhead.spec.SourceText.Place;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What was written in one section: by key, typed, each with its place. */
final class Values {

    private final Place place;
    private final Map<Key<?>, Written<?>> written;
    private final Map<Key<?>, Place> attempted = new HashMap<>();

    private Values(Place place, Map<Key<?>, Written<?>> written) {
        this.place = place;
        this.written = written;
    }

    static Values empty(Place place) {
        return new Values(place, new LinkedHashMap<>());
    }

    /** Where the section itself stands. */
    Place place() {
        return place;
    }

    <T> void put(Key<T> key, T value, Node node) {
        written.put(key, new Written<>(value, node));
    }

    /** That a key stands here, also when its value turns out wrong. */
    void attempt(Key<?> key, Place at) {
        attempted.put(key, at);
    }

    /** Whether the key was written, rightly or wrongly. */
    boolean attempted(Key<?> key) {
        return attempted.containsKey(key);
    }

    /** Where the key itself stands, or the section where it was not written. */
    Place keyPlace(Key<?> key) {
        return attempted.getOrDefault(key, place);
    }

    boolean has(Key<?> key) {
        return written.containsKey(key);
    }

    // A key is put with a value of its own type and nothing else.
    @SuppressWarnings("unchecked")
    <T> Optional<T> get(Key<T> key) {
        Written<?> found = written.get(key);
        return found == null ? Optional.empty() : Optional.of((T) found.value());
    }

    /** What was written, else the table's default. */
    <T> T get(Key<T> key, Scope scope) {
        return get(key).or(() -> key.standardValue(scope)).orElseThrow();
    }

    Optional<Node> node(Key<?> key) {
        return Optional.ofNullable(written.get(key)).map(Written::node);
    }

    /** Where a key's value stands, or the section where it was not written. */
    Place place(Key<?> key) {
        Written<?> found = written.get(key);
        return found == null ? place : found.node().place();
    }

    /** These values laid over those of {@code defaults}. */
    Values over(Values base) {
        Values all = new Values(place, new LinkedHashMap<>(base.written));
        all.attempted.putAll(base.attempted);
        all.attempted.putAll(attempted);
        for (Key<?> key : written.keySet()) {
            all.lay(key, this);
        }
        return all;
    }

    private <T> void lay(Key<T> key, Values own) {
        T value = own.get(key).orElseThrow();
        Node node = own.node(key).orElseThrow();
        put(key, get(key).map(base -> key.type().over(base, value)).orElse(value), node);
    }

    private record Written<T>(T value, Node node) {}
}
