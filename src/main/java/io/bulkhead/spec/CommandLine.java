package io.bulkhead.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Splits a command as a POSIX shell splits words, and refuses what only a shell could do: single quotes keep everything, double quotes
 * keep blanks (a backslash there escapes {@code " \ $ `}), a backslash outside keeps the next character.
 */
public final class CommandLine {

    /** MAX_ARG_STRLEN of execve(2) is 128 KiB on x86-64 and arm64. */
    static final int LONGEST_ARGUMENT = 128 * 1024 - 1;

    private static final String FOR_A_SHELL =
            "write command: {shell: \"…\"} to have a shell do it, or quote it to pass it on as it is";

    private final String text;
    private final List<String> words = new ArrayList<>();
    private final StringBuilder word = new StringBuilder();
    private boolean inWord;
    private int at;

    private CommandLine(String text) {
        this.text = text;
    }

    /** The program and its arguments, at least one. */
    public static Parsed<List<String>> split(String text) {
        return new CommandLine(text).split();
    }

    /** The command line that splits into these words. */
    public static String join(List<String> words) {
        StringBuilder out = new StringBuilder();
        for (String word : words) {
            out.append(out.isEmpty() ? "" : " ");
            if (isPlain(word)) {
                out.append(word);
            } else {
                out.append('\'').append(word.replace("'", "'\\''")).append('\'');
            }
        }
        return out.toString();
    }

    private Parsed<List<String>> split() {
        while (at < text.length()) {
            char c = text.charAt(at);
            switch (c) {
                case ' ', '\t', '\n', '\r' -> endWord();
                case '\'' -> {
                    int close = text.indexOf('\'', at + 1);
                    if (close < 0) {
                        return Parsed.bad(at, "has an unclosed single quote", "close it, or put it in double quotes");
                    }
                    word.append(text, at + 1, close);
                    inWord = true;
                    at = close;
                }
                case '"' -> {
                    Optional<Parsed<List<String>>> wrong = inDoubleQuotes();
                    if (wrong.isPresent()) {
                        return wrong.get();
                    }
                }
                case '\\' -> {
                    if (at + 1 == text.length()) {
                        return Parsed.bad(at, "ends with a backslash", "double it to pass a backslash on");
                    }
                    at++;
                    if (text.charAt(at) != '\n') {
                        word.append(text.charAt(at));
                        inWord = true;
                    }
                }
                default -> {
                    String why = shellSyntax(c);
                    if (!why.isEmpty()) {
                        return shell(at, why);
                    }
                    word.append(c);
                    inWord = true;
                }
            }
            at++;
        }
        endWord();
        return words.isEmpty() ? Parsed.bad("names no program") : Parsed.good(List.copyOf(words));
    }

    /** Stands on the opening quote, ends on the closing one. */
    private Optional<Parsed<List<String>>> inDoubleQuotes() {
        int open = at;
        inWord = true;
        for (at++; at < text.length(); at++) {
            char c = text.charAt(at);
            char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
            if (c == '"') {
                return Optional.empty();
            }
            if (c == '\\' && (next == '"' || next == '\\' || next == '$' || next == '`' || next == '\n')) {
                at++;
                if (next != '\n') {
                    word.append(next);
                }
            } else if (c == '`' || (c == '$' && startsExpansion(next))) {
                return Optional.of(shell(at, "a shell would replace " + Words.quoted("" + c + next)));
            } else {
                word.append(c);
            }
        }
        return Optional.of(
                Parsed.bad(open, "has an unclosed double quote", "close it, or write \\\" for the character itself"));
    }

    /** What a shell would make of a character outside quotes; empty where nothing. */
    private String shellSyntax(char c) {
        char next = at + 1 < text.length() ? text.charAt(at + 1) : ' ';
        return switch (c) {
            case '|', '&', ';', '<', '>', '(', ')', '`' -> Words.quoted(operator(c, next)) + " needs a shell";
            case '$' -> startsExpansion(next) ? Words.quoted("$" + next) + " needs a shell" : "";
            case '*' -> "\"*\" needs a shell";
            case '~' -> !inWord && (next == '/' || next == ' ') ? "\"~\" needs a shell" : "";
            case '#' -> !inWord ? "\"#\" begins a comment in a shell" : "";
            case '=' ->
                words.isEmpty() && inWord && isVariable(word)
                        ? "begins with a variable, which needs a shell or the key \"environment\""
                        : "";
            default -> "";
        };
    }

    private static String operator(char c, char next) {
        boolean twice = next == c && c != '(' && c != ')' && c != '`';
        return twice ? "" + c + c : "" + c;
    }

    private static boolean startsExpansion(char next) {
        return next == '{'
                || next == '('
                || next == '_'
                || next == '?'
                || next == '@'
                || Character.isLetterOrDigit(next);
    }

    private static boolean isVariable(CharSequence name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c != '_' && !Character.isLetterOrDigit(c)) {
                return false;
            }
        }
        return true;
    }

    private static Parsed<List<String>> shell(int at, String why) {
        return Parsed.bad(at, why, FOR_A_SHELL);
    }

    private void endWord() {
        if (inWord) {
            words.add(word.toString());
            word.setLength(0);
            inWord = false;
        }
    }

    private static boolean isPlain(String word) {
        for (int i = 0; i < word.length(); i++) {
            char c = word.charAt(i);
            if (!Character.isLetterOrDigit(c) && "-_./:@%+,".indexOf(c) < 0) {
                return false;
            }
        }
        return !word.isEmpty();
    }
}
