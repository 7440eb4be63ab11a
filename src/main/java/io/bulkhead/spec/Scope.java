package io.bulkhead.spec;

import io.bulkhead.spec.SourceText.Place;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What reading a value needs to know of its surroundings.
 *
 * @param key the key it stands under, for messages
 * @param folder where relative paths of the file start
 */
record Scope(String key, Path folder, Host host, Problems problems) {

    Scope under(String name) {
        return new Scope(name, folder, host, problems);
    }

    <T> Optional<T> wrong(Node node, String wants) {
        return wrong(node.place(), Words.quoted(key) + " wants " + wants + ", not " + node.kind());
    }

    <T> Optional<T> wrong(Place place, String message) {
        problems.error(place, message);
        return Optional.empty();
    }

    <T> Optional<T> wrong(Place place, String message, String hint) {
        problems.error(place, message, hint);
        return Optional.empty();
    }

    /** The value, or the report of what is wrong with it. */
    <T> Optional<T> take(Node.Scalar scalar, Parsed<T> parsed) {
        return switch (parsed) {
            case Parsed.Good<T>(T value) -> Optional.of(value);
            case Parsed.Bad<T> bad -> {
                String message = Words.quoted(key) + " " + bad.message();
                if (bad.hint().isPresent()) {
                    problems.error(scalar.at(bad.offset()), message, bad.hint().get());
                } else {
                    problems.error(scalar.at(bad.offset()), message);
                }
                yield Optional.empty();
            }
        };
    }
}
