package io.bulkhead.spec;

import java.util.Collection;
import java.util.Optional;

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

    /** The known word that was most likely meant. */
    static Optional<String> meant(String word, Collection<String> known) {
        if (word.length() > 40) {
            return Optional.empty();
        }
        Optional<String> best = Optional.empty();
        int closest = Math.max(1, word.length() / 3) + 1;
        for (String candidate : known) {
            int distance = distance(word, candidate);
            if (distance < closest) {
                closest = distance;
                best = Optional.of(candidate);
            }
        }
        return best;
    }

    /** For the end of a message about an unknown word. */
    static String didYouMean(String word, Collection<String> known) {
        return meant(word, known)
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

    /** Edits (insert, delete, replace, swap of neighbours) between two words; upper and lower case, - and _ are one. */
    private static int distance(String left, String right) {
        int[][] cost = new int[left.length() + 1][right.length() + 1];
        for (int i = 0; i <= left.length(); i++) {
            cost[i][0] = i;
        }
        for (int j = 0; j <= right.length(); j++) {
            cost[0][j] = j;
        }
        for (int i = 1; i <= left.length(); i++) {
            for (int j = 1; j <= right.length(); j++) {
                int same = plain(left, i) == plain(right, j) ? 0 : 1;
                int best = Math.min(cost[i - 1][j - 1] + same, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && plain(left, i) == plain(right, j - 1) && plain(left, i - 1) == plain(right, j)) {
                    best = Math.min(best, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = best;
            }
        }
        return cost[left.length()][right.length()];
    }

    private static char plain(String word, int position) {
        char c = Character.toLowerCase(word.charAt(position - 1));
        return c == '-' ? '_' : c;
    }
}
