package io.bulkhead.spec;

import io.bulkhead.spec.SourceText.Place;
import java.util.List;

/** A piece of a YAML document with its place. */
sealed interface Node {

    Place place();

    /** What it is, in a user's words: "a list", "a number". */
    String kind();

    record Sequence(Place place, List<Node> items) implements Node {
        @Override
        public String kind() {
            return "a list";
        }
    }

    /** Keys are unique; what {@code <<} brought stands last. */
    record Mapping(Place place, List<Entry> entries) implements Node {
        @Override
        public String kind() {
            return "a map";
        }
    }

    record Entry(Scalar key, Node value) {}

    /**
     * @param text the value, with {@code ${VAR}} replaced
     * @param plain whether it was written without quotes, so that {@code 5} is a number and {@code true} a flag
     */
    record Scalar(Place place, String text, boolean plain) implements Node {

        enum Looks {
            NOTHING,
            FLAG,
            INTEGER,
            NUMBER,
            TEXT
        }

        @Override
        public String kind() {
            return switch (looks()) {
                case NOTHING -> "nothing";
                case FLAG -> text;
                case INTEGER, NUMBER -> "the number " + Words.shown(text);
                case TEXT -> Words.quoted(text);
            };
        }

        /** YAML 1.2's core schema (https://yaml.org/spec/1.2.2/, 10.3.2): yes, no, on and off are text. */
        Looks looks() {
            if (!plain) {
                return Looks.TEXT;
            }
            return switch (text) {
                case "", "~", "null", "Null", "NULL" -> Looks.NOTHING;
                case "true", "True", "TRUE", "false", "False", "FALSE" -> Looks.FLAG;
                default -> number();
            };
        }

        boolean isTrue() {
            return text.charAt(0) == 't' || text.charAt(0) == 'T';
        }

        /** Where a character of the text stands, as far as the source shows it in one piece. */
        Place at(int offset) {
            int quote = plain ? 0 : 1;
            String line = place.source().line(place.line()).orElse("");
            int from = Words.offset(line, place.column() - 1 + quote);
            boolean literal = from >= 0 && line.startsWith(text, from);
            return literal ? place.right(quote + text.codePointCount(0, Math.min(offset, text.length()))) : place;
        }

        private Looks number() {
            int at = text.startsWith("-") || text.startsWith("+") ? 1 : 0;
            if (at == 0 && (text.startsWith("0x") || text.startsWith("0o"))) {
                int radix = text.charAt(1) == 'x' ? 16 : 8;
                for (int i = 2; i < text.length(); i++) {
                    if (text.charAt(i) > 'f' || Character.digit(text.charAt(i), radix) < 0) {
                        return Looks.TEXT;
                    }
                }
                return text.length() > 2 ? Looks.INTEGER : Looks.TEXT;
            }
            int whole = digits(at);
            if (whole == text.length()) {
                return whole > at ? Looks.INTEGER : Looks.TEXT;
            }
            int end = whole;
            if (text.charAt(end) == '.') {
                end = digits(end + 1);
                if (end == whole + 1 && whole == at) {
                    return special(at);
                }
            } else if (whole == at) {
                return special(at);
            }
            if (end < text.length() && (text.charAt(end) == 'e' || text.charAt(end) == 'E')) {
                int sign =
                        end + 1 < text.length() && (text.charAt(end + 1) == '-' || text.charAt(end + 1) == '+') ? 1 : 0;
                int exponent = end + 1 + sign;
                end = digits(exponent);
                if (end == exponent) {
                    return Looks.TEXT;
                }
            }
            return end == text.length() ? Looks.NUMBER : Looks.TEXT;
        }

        private Looks special(int at) {
            return switch (text.substring(at)) {
                case ".inf", ".Inf", ".INF" -> Looks.NUMBER;
                case ".nan", ".NaN", ".NAN" -> at == 0 ? Looks.NUMBER : Looks.TEXT;
                default -> Looks.TEXT;
            };
        }

        private int digits(int from) {
            int at = from;
            while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
                at++;
            }
            return at;
        }
    }
}
