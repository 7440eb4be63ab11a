package io.bulkhead.spec;

import java.util.Collection;

/** How messages show what a user wrote. */
final class Words {

    private static final int SHOWN = 60;

    private Words() {}

    /** In double quotes, shortened, with control characters made visible. */
    static String quoted(String text) {
        return '"' + shown(text) + '"';
    }

    static String shown(String text) {
        StringBuilder out = new StringBuilder();
        int end = Math.min(text.length(), SHOWN);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < ' ' || (c >= 0x7f && c < 0xa0) || Character.isSurrogate(c)) {
                        out.append("\\u")
                                .append(Integer.toHexString(0x10000 | c).substring(1));
                    } else {
                        out.append(c);
                    }
                }
            }
        }
        return text.length() > SHOWN ? out.append('…').toString() : out.toString();
    }

    /** {@code "a"}, {@code "a" or "b"}, {@code "a", "b" or "c"}. */
    static String either(Collection<String> words) {
        StringBuilder out = new StringBuilder();
        int left = words.size();
        for (String word : words) {
            out.append(word);
            left--;
            if (left > 0) {
                out.append(left == 1 ? " or " : ", ");
            }
        }
        return out.toString();
    }

    /** For the end of a message about an unknown word. */
    static String didYouMean(String word, Collection<String> known) {
        return Nearest.of(word, known)
                .map(found -> "; did you mean " + quoted(found) + "?")
                .orElse("");
    }

    /** Index of the char at a code point, -1 beyond the end. */
    static int offset(String text, int codePoint) {
        int at = 0;
        for (int i = 0; i < codePoint; i++) {
            if (at >= text.length()) {
                return -1;
            }
            at += Character.charCount(text.codePointAt(at));
        }
        return at;
    }
}
