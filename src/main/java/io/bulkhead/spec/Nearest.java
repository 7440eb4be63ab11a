package io.bulkhead.spec;

import java.util.Collection;
import java.util.Optional;

/** Finds the word that somebody meant who wrote one that nobody knows. */
public final class Nearest {

    private Nearest() {}

    /** The known word that was most likely meant; empty when none is near. */
    public static Optional<String> of(String word, Collection<String> known) {
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
