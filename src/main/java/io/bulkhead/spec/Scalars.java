package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.Node.Scalar.Looks;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The types of one plain value: text, flags, numbers and fixed words. */
final class Scalars {

    private Scalars() {}

    /**
     * Text, or a number taken as it is written.
     *
     * @param wants to follow "wants"
     * @param longest in characters
     */
    record Text(String wants, int longest) implements Type<String> {

        @Override
        public Optional<String> read(Node node, Scope scope) {
            if (!fits(node)) {
                return scope.wrong(node, wants);
            }
            String text = ((Scalar) node).text();
            if (text.isEmpty()) {
                return scope.wrong(node, wants);
            }
            if (text.codePointCount(0, text.length()) > longest) {
                return scope.wrong(
                        node.place(), Words.quoted(scope.key()) + " is longer than " + longest + " characters");
            }
            return Optional.of(text);
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar scalar && scalar.looks() != Looks.NOTHING && scalar.looks() != Looks.FLAG;
        }

        @Override
        public Map<String, Object> schema() {
            return Json.of("type", List.of("string", "number"), "minLength", 1, "maxLength", longest);
        }
    }

    /** {@code true} or {@code false}. */
    record Flag() implements Type<Boolean> {

        @Override
        public Optional<Boolean> read(Node node, Scope scope) {
            return fits(node) ? Optional.of(((Scalar) node).isTrue()) : scope.wrong(node, wants());
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar scalar && scalar.looks() == Looks.FLAG;
        }

        @Override
        public String wants() {
            return "true or false";
        }

        @Override
        public Map<String, Object> schema() {
            return Json.of("type", "boolean");
        }
    }

    /** A whole number within bounds, both included. */
    record Whole(int least, int most) implements Type<Integer> {

        @Override
        public Optional<Integer> read(Node node, Scope scope) {
            if (!fits(node)) {
                return scope.wrong(node, wants());
            }
            try {
                int value = Integer.decode(decimal(((Scalar) node).text()));
                return value < least || value > most ? scope.wrong(node, wants()) : Optional.of(value);
            } catch (NumberFormatException beyond) {
                return scope.wrong(node, wants());
            }
        }

        /** {@code Integer.decode} would take 010 for octal; YAML 1.2 writes that 0o10. */
        private static String decimal(String text) {
            if (text.startsWith("0o")) {
                return "0" + text.substring(2);
            }
            int at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
            int zeros = at;
            while (zeros < text.length() - 1 && text.charAt(zeros) == '0' && text.charAt(zeros + 1) != 'x') {
                zeros++;
            }
            return text.substring(0, at) + text.substring(zeros);
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar scalar && scalar.looks() == Looks.INTEGER;
        }

        @Override
        public String wants() {
            return "a whole number from " + least + " to " + most;
        }

        @Override
        public Map<String, Object> schema() {
            return Json.of("type", "integer", "minimum", least, "maximum", most);
        }
    }

    /** A number above 0; Compose writes it in quotes, which is accepted. */
    record Positive(int most) implements Type<Double> {

        @Override
        public Optional<Double> read(Node node, Scope scope) {
            if (!(node instanceof Scalar scalar)) {
                return scope.wrong(node, wants());
            }
            Looks looks = new Scalar(scalar.place(), scalar.text(), true).looks();
            if (looks != Looks.INTEGER && looks != Looks.NUMBER || scalar.text().length() > 20) {
                return scope.wrong(node, wants());
            }
            try {
                double value = Double.parseDouble(scalar.text());
                return value > 0 && value <= most ? Optional.of(value) : scope.wrong(node, wants());
            } catch (NumberFormatException special) {
                return scope.wrong(node, wants());
            }
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar;
        }

        @Override
        public String wants() {
            return "a number above 0, " + most + " at most";
        }

        @Override
        public Map<String, Object> schema() {
            return Schemas.anyOf(
                    Json.of("type", "number", "exclusiveMinimum", 0, "maximum", most),
                    Json.of(
                            "type",
                            "string",
                            "pattern",
                            "^\\+?([0-9]*[1-9][0-9]*(\\.[0-9]*)?|[0-9]*\\.[0-9]*[1-9][0-9]*)$"));
        }
    }

    /** One of a few words. */
    record Word(List<String> words) implements Type<String> {

        static Word of(String... words) {
            return new Word(List.of(words));
        }

        @Override
        public Optional<String> read(Node node, Scope scope) {
            if (fits(node)) {
                return Optional.of(((Scalar) node).text());
            }
            if (node instanceof Scalar scalar && scalar.looks() == Looks.TEXT) {
                return scope.wrong(
                        node.place(),
                        Words.quoted(scope.key()) + " wants " + wants() + ", not " + node.kind()
                                + Words.didYouMean(scalar.text(), words));
            }
            return scope.wrong(node, wants());
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar scalar && scalar.looks() == Looks.TEXT && words.contains(scalar.text());
        }

        @Override
        public String wants() {
            return Words.either(words);
        }

        @Override
        public Map<String, Object> schema() {
            return Json.of("enum", words);
        }
    }

    /** A short text that a parser of its own understands. */
    record Told<T>(String wants, Reader<T> reader, Map<String, Object> schema) implements Type<T> {

        /** Reads the text of a value that has not to be empty. */
        interface Reader<T> {
            Parsed<T> read(Scalar scalar, Scope scope);
        }

        @Override
        public Optional<T> read(Node node, Scope scope) {
            if (!fits(node)) {
                return scope.wrong(node, wants);
            }
            Scalar scalar = (Scalar) node;
            return scope.take(scalar, reader.read(scalar, scope));
        }

        @Override
        public boolean fits(Node node) {
            return node instanceof Scalar scalar && scalar.looks() != Looks.NOTHING && scalar.looks() != Looks.FLAG;
        }
    }

    /** A type whose value is turned into another. */
    record Mapped<S, T>(Type<S> from, java.util.function.Function<S, T> turn) implements Type<T> {

        @Override
        public Optional<T> read(Node node, Scope scope) {
            return from.read(node, scope).map(turn);
        }

        @Override
        public boolean fits(Node node) {
            return from.fits(node);
        }

        @Override
        public String wants() {
            return from.wants();
        }

        @Override
        public Map<String, Object> schema() {
            return from.schema();
        }

        @Override
        public Map<String, Object> schema(boolean whole) {
            return from.schema(whole);
        }
    }
}
