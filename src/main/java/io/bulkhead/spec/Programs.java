package io.bulkhead.spec;

import java.util.Set;

/** What the first word of a command tells of the program. */
final class Programs {

    /** Node, and what runs it; PHP-FPM is named with its version. */
    private static final Set<String> NODE =
            Set.of("node", "nodejs", "npm", "npx", "yarn", "pnpm", "pnpx", "corepack", "next", "nest");

    private Programs() {}

    /** Whether it surely takes a socket that it inherits without being told to ({@code handover: auto}). */
    static boolean takeSockets(AppSpec.Command command) {
        String first = command.shell()
                ? firstWord(command.argv().getLast())
                : command.argv().getFirst();
        String name = first.substring(first.lastIndexOf('/') + 1);
        return NODE.contains(name) || name.startsWith("php-fpm");
    }

    private static String firstWord(String text) {
        String word = text.strip();
        int end = 0;
        while (end < word.length() && !Character.isWhitespace(word.charAt(end))) {
            end++;
        }
        return word.substring(0, end);
    }
}
