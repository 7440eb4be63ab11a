package io.bulkhead.spec;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Reads an {@link EnvFile}, character by character. */
final class EnvReader {

    private final SourceText source;
    private final String text;
    private final Problems problems;
    private final Map<String, String> variables = new LinkedHashMap<>();
    private int at;

    EnvReader(SourceText source, Problems problems) {
        this.source = source;
        this.text = source.text();
        this.problems = problems;
    }

    Map<String, String> read() {
        int carriageReturn = text.indexOf('\r');
        if (carriageReturn >= 0) {
            problems.warning(
                    source.at(carriageReturn),
                    "this file has Windows line ends",
                    "they are left out of the values here, but other programs keep them: convert it with sed -i 's/\\r$//'");
        }
        while (at < text.length()) {
            line();
        }
        return variables;
    }

    private void line() {
        skip(" \t");
        if (at == text.length()) {
            return;
        }
        char c = text.charAt(at);
        if (c == '\n' || c == '\r') {
            at++;
            return;
        }
        if (c == '#') {
            toLineEnd();
            return;
        }
        if (text.startsWith("export ", at) || text.startsWith("export\t", at)) {
            at += 7;
            skip(" \t");
        }
        int from = at;
        while (at < text.length() && "=\n\r".indexOf(text.charAt(at)) < 0) {
            at++;
        }
        String name = text.substring(from, at);
        if (at == text.length() || text.charAt(at) != '=') {
            problems.error(source.at(from), "this line has no \"=\"", "write NAME=value, or # before a comment");
            return;
        }
        at++;
        Optional<String> wrong = Names.VARIABLE.wrong(name);
        wrong.ifPresent(why -> problems.error(
                source.at(from), why, name.endsWith(" ") ? "write no blank before \"=\"" : Names.VARIABLE.hint()));
        Optional<String> value = value();
        if (wrong.isEmpty() && value.isPresent()) {
            variables.remove(name);
            variables.put(name, value.get());
        }
    }

    private Optional<String> value() {
        skip(" \t");
        char c = at < text.length() ? text.charAt(at) : '\n';
        if (c != '"' && c != '\'') {
            return Optional.of(bare());
        }
        int open = at;
        StringBuilder out = new StringBuilder();
        if (!quoted(c, out)) {
            problems.error(
                    source.at(open),
                    "this quote is not closed",
                    "close it, or put the value into the other kind of quotes");
            at = open;
            toLineEnd();
            return Optional.empty();
        }
        skip(" \t");
        char next = at < text.length() ? text.charAt(at) : '\n';
        if (next != '\n' && next != '\r' && next != '#') {
            problems.error(source.at(at), "something follows the closing quote", "put the whole value into quotes");
            toLineEnd();
            return Optional.empty();
        }
        toLineEnd();
        return Optional.of(out.toString());
    }

    private String bare() {
        int from = at;
        int end = from;
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            char c = text.charAt(at);
            boolean blankBefore = at == from || text.charAt(at - 1) == ' ' || text.charAt(at - 1) == '\t';
            if (c == '#' && blankBefore) {
                break;
            }
            at++;
            if (c != ' ' && c != '\t') {
                end = at;
            }
        }
        toLineEnd();
        return text.substring(from, end);
    }

    /** Stands on the opening quote, ends behind the closing one; false where there is none. */
    private boolean quoted(char quote, StringBuilder out) {
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            if (c == quote) {
                at++;
                return true;
            }
            char next = at + 1 < text.length() ? text.charAt(at + 1) : 0;
            int escape = quote == '"' && c == '\\' ? "nrt\"\\$".indexOf(next) : -1;
            if (escape >= 0) {
                out.append("\n\r\t\"\\$".charAt(escape));
                at++;
            } else if (c == '\r' && next == '\n') {
                continue;
            } else {
                out.append(c);
            }
        }
        return false;
    }

    private void toLineEnd() {
        while (at < text.length() && text.charAt(at) != '\n' && text.charAt(at) != '\r') {
            at++;
        }
    }

    private void skip(String characters) {
        while (at < text.length() && characters.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }
}
