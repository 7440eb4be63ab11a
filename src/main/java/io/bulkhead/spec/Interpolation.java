package io.bulkhead.spec;

import java.util.Map;

/**
 * Replaces {@code ${VAR}}, {@code ${VAR:-default}} and {@code $$} in one value. A {@code $} before anything else stays, so that
 * {@code {shell: "echo $HOME"}} reaches the shell as written.
 *
 * @param first looked at first: the {@code .env} beside the file
 * @param second looked at next: the daemon's environment
 */
record Interpolation(Map<String, String> first, Map<String, String> second) {

    private static final int NESTING = 8;

    /** execve(2) takes no longer argument or variable. */
    private static final int LONGEST = CommandLine.LONGEST_ARGUMENT;

    Parsed<String> apply(String text) {
        return apply(text, 0);
    }

    private Parsed<String> apply(String text, int depth) {
        StringBuilder out = new StringBuilder(text.length() + 32);
        int at = 0;
        while (at < text.length()) {
            char c = text.charAt(at);
            char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
            if (c != '$' || (next != '$' && next != '{')) {
                out.append(c);
                at++;
            } else if (next == '$') {
                out.append('$');
                at += 2;
            } else {
                int end = close(text, at + 2);
                if (end < 0) {
                    return Parsed.bad(at, "\"${\" has no closing \"}\"", "write $$ for a dollar sign");
                }
                switch (replace(text.substring(at + 2, end), at, depth)) {
                    case Parsed.Good<String>(String value) -> out.append(value);
                    case Parsed.Bad<String> bad -> {
                        return bad;
                    }
                }
                at = end + 1;
            }
            if (out.length() > LONGEST) {
                return Parsed.bad(
                        0, "this value becomes longer than " + LONGEST + " characters", "use shorter variables");
            }
        }
        return Parsed.good(out.toString());
    }

    private Parsed<String> replace(String inside, int at, int depth) {
        int end = 0;
        while (end < inside.length() && nameCharacter(inside.charAt(end))) {
            end++;
        }
        String name = inside.substring(0, end);
        String rest = inside.substring(end);
        if (name.isEmpty() || Character.isDigit(name.charAt(0))) {
            return Parsed.bad(
                    at,
                    Words.quoted("${" + inside + "}") + " names no variable",
                    "write ${NAME}, or $$ for a dollar sign");
        }
        if (!rest.isEmpty() && !rest.startsWith(":-")) {
            return Parsed.bad(
                    at,
                    Words.quoted("${" + inside + "}") + " is a form that is not known here",
                    "write ${" + name + "} or ${" + name + ":-default}");
        }
        String value = first.containsKey(name) ? first.get(name) : second.get(name);
        if (value != null && !(value.isEmpty() && !rest.isEmpty())) {
            return Parsed.good(value);
        }
        if (rest.isEmpty()) {
            return Parsed.bad(
                    at,
                    "variable " + Words.quoted(name) + " has no value",
                    "set it in .env beside this file or in the daemon's environment, or write ${" + name
                            + ":-default}");
        }
        if (depth == NESTING) {
            return Parsed.bad(at, "${…} is nested too deeply", "use one default");
        }
        return switch (apply(rest.substring(2), depth + 1)) {
            case Parsed.Good<String> good -> good;
            case Parsed.Bad<String> bad -> new Parsed.Bad<>(bad.message(), bad.hint(), at);
        };
    }

    private static int close(String text, int from) {
        int open = 1;
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '$' && i + 1 < text.length() && text.charAt(i + 1) == '{') {
                open++;
                i++;
            } else if (c == '}' && --open == 0) {
                return i;
            }
        }
        return -1;
    }

    private static boolean nameCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
}
