package io.bulkhead.spec;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes JSON out of maps, lists, text, numbers and flags. What it writes is YAML 1.2 as well. */
final class Json {

    private Json() {}

    /** A map in the order given: key, value, key, value. */
    static Map<String, Object> of(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    static Map<String, Object> anyOf(Object... schemas) {
        return of("anyOf", List.of(schemas));
    }

    /** On one line. */
    static String compact(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out, -1);
        return out.toString();
    }

    /** Indented by two, with a line's end. */
    static String pretty(Object value) {
        StringBuilder out = new StringBuilder();
        write(value, out, 0);
        return out.append('\n').toString();
    }

    private static void write(Object value, StringBuilder out, int indent) {
        switch (value) {
            case Map<?, ?> map -> {
                out.append('{');
                boolean first = true;
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    between(first, out, indent);
                    first = false;
                    text((String) entry.getKey(), out);
                    out.append(indent < 0 ? ":" : ": ");
                    write(entry.getValue(), out, deeper(indent));
                }
                close('}', first, out, indent);
            }
            case List<?> list -> {
                out.append('[');
                boolean first = true;
                for (Object item : list) {
                    between(first, out, indent);
                    first = false;
                    write(item, out, deeper(indent));
                }
                close(']', first, out, indent);
            }
            case String text -> text(text, out);
            case Number number -> out.append(number);
            case Boolean flag -> out.append(flag);
            default -> throw new IllegalArgumentException("no JSON for " + value.getClass());
        }
    }

    private static int deeper(int indent) {
        return indent < 0 ? -1 : indent + 1;
    }

    private static void between(boolean first, StringBuilder out, int indent) {
        if (!first) {
            out.append(',');
        }
        if (indent >= 0) {
            out.append('\n').append("  ".repeat(indent + 1));
        }
    }

    private static void close(char bracket, boolean empty, StringBuilder out, int indent) {
        if (!empty && indent >= 0) {
            out.append('\n').append("  ".repeat(indent));
        }
        out.append(bracket);
    }

    private static void text(String text, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    // YAML reads none of these raw, or not as themselves.
                    boolean special = c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c >= 0xfeff;
                    if (special) {
                        out.append("\\u")
                                .append(Integer.toHexString(0x10000 | c).substring(1));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        out.append('"');
    }
}
