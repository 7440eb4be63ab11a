package io.bulkhead.guard;

import org.jspecify.annotations.Nullable;

/** Words of somebody else, fit to stand in a sentence of ours: short, on one line, and nothing that a terminal obeys. */
final class Sentence {

    private static final int LONGEST = 160;

    private Sentence() {}

    static String of(@Nullable String text) {
        StringBuilder clean = new StringBuilder();
        String all = text == null ? "" : text.strip();
        for (int i = 0; i < all.length() && clean.length() < LONGEST; i++) {
            char c = all.charAt(i);
            clean.append(c < ' ' || c >= 127 && c < 160 ? ' ' : c);
        }
        return clean.toString().strip();
    }
}
