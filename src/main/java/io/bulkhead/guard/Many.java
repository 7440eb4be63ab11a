package io.bulkhead.guard;

import java.util.ArrayList;
import java.util.List;

/** Lists in messages, kept short. */
final class Many {

    private static final int MOST = 8;

    private Many() {}

    /** The first of {@code lines}, and how many more there are. */
    static String[] some(List<String> lines) {
        List<String> some = new ArrayList<>(lines.subList(0, Math.min(MOST, lines.size())));
        if (lines.size() > MOST) {
            some.add("and " + (lines.size() - MOST) + " more");
        }
        return some.toArray(String[]::new);
    }

    /** {@code 1 package}, {@code 3 packages}. */
    static String count(int number, String one) {
        return number + " " + one + (number == 1 ? "" : "s");
    }
}
