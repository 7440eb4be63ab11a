package io.bulkhead.json;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** One reading of one text. Strict: no comments, no trailing commas, nothing after the value. */
final class JsonReader {

    private final String text;
    private final int maxValues;
    private final boolean lastKeyWins;
    private int at;
    private int values;

    /** @param lastKeyWins whether a key may be there twice, as for JSON.parse of JavaScript */
    JsonReader(String text, int maxValues, boolean lastKeyWins) {
        this.text = text;
        this.maxValues = maxValues;
        this.lastKeyWins = lastKeyWins;
    }

    @Nullable
    Object document() throws JsonException {
        Object value = value(0);
        skipBlanks();
        if (at < text.length()) {
            throw wrong("unexpected text after the value");
        }
        return value;
    }

    /** An object, of which the members of the object under {@code key} are handed over one by one and not kept. The others are the answer. */
    Map<String, @Nullable Object> members(String key, BiConsumer<String, @Nullable Object> each) throws JsonException {
        Map<String, @Nullable Object> others = new LinkedHashMap<>();
        expect('{');
        eachMember(others, name -> {
            skipBlanks();
            if (name.equals(key) && at < text.length() && text.charAt(at) == '{') {
                at++;
                eachMember(Map.of(), inner -> each.accept(inner, value(2)));
            } else {
                others.put(name, value(1));
            }
        });
        skipBlanks();
        if (at < text.length()) {
            throw wrong("unexpected text after the value");
        }
        return others;
    }

    private interface Member {
        /** Reads the value. */
        void of(String name) throws JsonException;
    }

    /** @param before the members so far, of which none may come again */
    private void eachMember(Map<String, @Nullable Object> before, Member member) throws JsonException {
        if (comes('}')) {
            return;
        }
        while (true) {
            skipBlanks();
            if (at >= text.length() || text.charAt(at) != '"') {
                throw wrong("a key in double quotes should be here");
            }
            String name = string();
            if (!lastKeyWins && before.containsKey(name)) {
                throw wrong("the key is there twice");
            }
            expect(':');
            member.of(name);
            if (comes('}')) {
                return;
            }
            expect(',');
        }
    }

    private @Nullable Object value(int depth) throws JsonException {
        if (depth > Json.MAX_DEPTH) {
            throw wrong("nested deeper than " + Json.MAX_DEPTH);
        }
        if (++values > maxValues) {
            throw wrong("more than " + maxValues + " values");
        }
        skipBlanks();
        if (at >= text.length()) {
            throw wrong("the text ends where a value should be");
        }
        char c = text.charAt(at);
        switch (c) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return string();
            case 't':
                return word("true", Boolean.TRUE);
            case 'f':
                return word("false", Boolean.FALSE);
            case 'n':
                return word("null", null);
            default:
                if (c == '-' || (c >= '0' && c <= '9')) {
                    return number();
                }
                throw wrong("unexpected character");
        }
    }

    private Map<String, @Nullable Object> object(int depth) throws JsonException {
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        at++;
        eachMember(members, key -> members.put(key, value(depth + 1)));
        return members;
    }

    private List<@Nullable Object> array(int depth) throws JsonException {
        List<@Nullable Object> items = new ArrayList<>();
        at++;
        if (comes(']')) {
            return items;
        }
        while (true) {
            items.add(value(depth + 1));
            if (comes(']')) {
                return items;
            }
            expect(',');
        }
    }

    private String string() throws JsonException {
        int from = ++at;
        int end = from;
        while (end < text.length() && text.charAt(end) != '"' && text.charAt(end) != '\\' && text.charAt(end) >= ' ') {
            end++;
        }
        if (end < text.length() && text.charAt(end) == '"') {
            at = end + 1;
            return text.substring(from, end);
        }
        StringBuilder out = new StringBuilder(end - from + 16).append(text, from, end);
        at = end;
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return out.toString();
            }
            if (c < ' ') {
                at--;
                throw wrong("a control character must be escaped");
            }
            out.append(c == '\\' ? escape() : c);
        }
        throw wrong("the text ends within a string");
    }

    private char escape() throws JsonException {
        if (at >= text.length()) {
            throw wrong("the text ends within a string");
        }
        char c = text.charAt(at++);
        switch (c) {
            case '"', '\\', '/':
                return c;
            case 'b':
                return '\b';
            case 'f':
                return '\f';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 't':
                return '\t';
            case 'u':
                int code = 0;
                for (int i = 0; i < 4; i++) {
                    // Not Character.digit alone: it takes digits of every script.
                    char hex = at < text.length() ? text.charAt(at) : ' ';
                    int digit = hex < 128 ? Character.digit(hex, 16) : -1;
                    if (digit < 0) {
                        throw wrong("four hexadecimal digits should follow \\u");
                    }
                    code = code * 16 + digit;
                    at++;
                }
                return (char) code;
            default:
                at--;
                throw wrong("unknown escape");
        }
    }

    private Number number() throws JsonException {
        int from = at;
        if (text.charAt(at) == '-') {
            at++;
        }
        int whole = at;
        digits();
        if (text.charAt(whole) == '0' && at > whole + 1) {
            at = whole;
            throw wrong("a number does not begin with a zero");
        }
        boolean integer = true;
        if (at < text.length() && text.charAt(at) == '.') {
            integer = false;
            at++;
            digits();
        }
        if (at < text.length() && (text.charAt(at) == 'e' || text.charAt(at) == 'E')) {
            integer = false;
            at++;
            if (at < text.length() && (text.charAt(at) == '+' || text.charAt(at) == '-')) {
                at++;
            }
            digits();
        }
        if (integer && at - from <= 18) {
            return Long.parseLong(text, from, at, 10);
        }
        return large(from, integer);
    }

    private Number large(int from, boolean integer) throws JsonException {
        if (at - from > 400) {
            throw wrong("a number of more than 400 characters");
        }
        String digits = text.substring(from, at);
        if (integer) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                // Beyond 64 bits: the nearest double is what every other reader takes too.
            }
        }
        double value = Double.parseDouble(digits);
        if (Double.isInfinite(value)) {
            throw wrong("the number is too large");
        }
        return value;
    }

    private void digits() throws JsonException {
        int from = at;
        while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
            at++;
        }
        if (at == from) {
            throw wrong("a digit should be here");
        }
    }

    private @Nullable Object word(String word, @Nullable Object value) throws JsonException {
        if (!text.startsWith(word, at)) {
            throw wrong("unexpected word");
        }
        at += word.length();
        return value;
    }

    private boolean comes(char c) {
        skipBlanks();
        if (at < text.length() && text.charAt(at) == c) {
            at++;
            return true;
        }
        return false;
    }

    private void expect(char c) throws JsonException {
        if (!comes(c)) {
            throw wrong("'" + c + "' should be here");
        }
    }

    private void skipBlanks() {
        while (at < text.length()) {
            char c = text.charAt(at);
            if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
                return;
            }
            at++;
        }
    }

    private JsonException wrong(String message) {
        int line = 1;
        int lineStart = 0;
        int end = Math.min(at, text.length());
        for (int i = 0; i < end; i++) {
            if (text.charAt(i) == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new JsonException(message, line, end - lineStart + 1);
    }
}
