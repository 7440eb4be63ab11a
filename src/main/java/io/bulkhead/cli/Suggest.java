package io.bulkhead.cli;

import java.util.List;

/** "Did you mean" for words of the command line. */
final class Suggest {

    private Suggest() {}

    /** The nearest of {@code known} as a question, or {@code otherwise} when none is near. */
    static String hint(String word, List<String> known, String otherwise) {
        String best = "";
        int least = word.length() <= 3 ? 2 : 3;
        for (String candidate : known) {
            int distance = candidate.startsWith(word) && word.length() >= 2 ? 1 : distance(word, candidate);
            if (distance < least) {
                least = distance;
                best = candidate;
            }
        }
        return best.isEmpty() ? otherwise : "did you mean " + best + "?";
    }

    /** Insertions, deletions, substitutions and swaps of neighbours that make one word of the other. */
    static int distance(String a, String b) {
        if (Math.abs(a.length() - b.length()) > 3 || a.length() > 64) {
            return Integer.MAX_VALUE;
        }
        int[][] cost = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    cost[i][j] = i + j;
                    continue;
                }
                boolean same = a.charAt(i - 1) == b.charAt(j - 1);
                int best = Math.min(cost[i - 1][j - 1] + (same ? 0 : 1), Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
                if (i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1)) {
                    best = Math.min(best, cost[i - 2][j - 2] + 1);
                }
                cost[i][j] = best;
            }
        }
        return cost[a.length()][b.length()];
    }
}
