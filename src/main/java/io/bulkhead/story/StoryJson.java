package io.bulkhead.story;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON (RFC 8259) as history keeps it on disk: what it reads it has written itself. The wire's own reader is strict and faces strangers. */
final class StoryJson {

    private static final int DEEPEST = 32;

    private final String text;
    private int at;

    private StoryJson(String text) {
        this.text = text;
    }

    /** Strings, numbers, booleans, lists and maps; anything else as its text. */
    static String write(Object value) {
        StringBuilder out = new StringBuilder(128);
        write(value, out);
        return out.toString();
    }

    /** The map in {@code json}; an empty one where there is none. */
    static Map<String, Object> map(String json) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (read(json) instanceof Map<?, ?> read) {
            read.forEach((key, value) -> map.put(String.valueOf(key), value));
        }
        return map;
    }

    /** The strings of the list in {@code json}; none where there is no list. */
    static List<String> strings(String json) {
        List<String> strings = new ArrayList<>();
        if (read(json) instanceof List<?> read) {
            read.forEach(each -> strings.add(String.valueOf(each)));
        }
        return strings;
    }

    private static void write(@Nullable Object value, StringBuilder out) {
        switch (value) {
            case Map<?, ?> map -> {
                char before = '{';
                for (Map.Entry<?, ?> entry : map.entrySet()) {
                    out.append(before);
                    string(String.valueOf(entry.getKey()), out);
                    out.append(':');
                    write(entry.getValue(), out);
                    before = ',';
                }
                out.append(before == '{' ? "{}" : "}");
            }
            case Iterable<?> list -> {
                char before = '[';
                for (Object each : list) {
                    out.append(before);
                    write(each, out);
                    before = ',';
                }
                out.append(before == '[' ? "[]" : "]");
            }
            case Double number when number.isNaN() || number.isInfinite() -> string(number.toString(), out);
            case Number number -> out.append(number);
            case Boolean truth -> out.append(truth);
            case null -> out.append("null");
            default -> string(value.toString(), out);
        }
    }

    private static void string(String value, StringBuilder out) {
        out.append('"');
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ' || Character.isSurrogate(c)) {
                // A lone surrogate has no UTF-8 form: as an escape every one survives the database.
                out.append("\\u").append(Integer.toHexString(0x10000 | c), 1, 5);
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }

    private static Object read(String json) {
        try {
            return new StoryJson(json).value(0);
        } catch (RuntimeException damaged) {
            return "";
        }
    }

    private Object value(int depth) {
        if (depth > DEEPEST) {
            throw new IllegalStateException("too deep");
        }
        return switch (text.charAt(at)) {
            case '{' -> object(depth);
            case '[' -> list(depth);
            case '"' -> string();
            case 't' -> word("true", true);
            case 'f' -> word("false", false);
            case 'n' -> word("null", "");
            default -> number();
        };
    }

    private Map<String, Object> object(int depth) {
        Map<String, Object> map = new LinkedHashMap<>();
        at++;
        while (text.charAt(at) != '}') {
            String key = string();
            at++; // the colon
            map.put(key, value(depth + 1));
            comma();
        }
        at++;
        return map;
    }

    private List<Object> list(int depth) {
        List<Object> list = new ArrayList<>();
        at++;
        while (text.charAt(at) != ']') {
            list.add(value(depth + 1));
            comma();
        }
        at++;
        return list;
    }

    private void comma() {
        if (text.charAt(at) == ',') {
            at++;
        }
    }

    private String string() {
        StringBuilder out = new StringBuilder();
        for (at++; text.charAt(at) != '"'; at++) {
            char c = text.charAt(at);
            if (c == '\\') {
                c = text.charAt(++at);
                if (c == 'u') {
                    c = (char) Integer.parseInt(text, at + 1, at + 5, 16);
                    at += 4;
                }
            }
            out.append(c);
        }
        at++;
        return out.toString();
    }

    private Object word(String word, Object meaning) {
        if (!text.startsWith(word, at)) {
            throw new IllegalStateException(word);
        }
        at += word.length();
        return meaning;
    }

    private Object number() {
        int start = at;
        boolean whole = true;
        while (at < text.length() && "+-.0123456789eE".indexOf(text.charAt(at)) >= 0) {
            whole &= ".eE".indexOf(text.charAt(at)) < 0;
            at++;
        }
        String digits = text.substring(start, at);
        if (whole) {
            return Long.valueOf(digits);
        }
        return Double.valueOf(digits);
    }
}
