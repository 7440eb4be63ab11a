package io.bulkhead.guard;

import java.util.Optional;

/**
 * A version of which the last numbers may be left open: {@code 20}, {@code 20.x}, {@code 20.11}, {@code 20.11.1-rc.1}.
 *
 * @param parts how many of the three numbers are told
 * @param pre only with three of them
 */
record Partial(int parts, long major, long minor, long patch, String pre) {

    /** The whole of {@code text}, with any {@code v}, {@code =} and blanks before it, as node-semver has it. */
    static Optional<Partial> parse(String text) {
        int from = 0;
        while (from < text.length() && "v= \t".indexOf(text.charAt(from)) >= 0) {
            from++;
        }
        String rest = text.substring(from);
        int plus = rest.indexOf('+');
        if (plus >= 0) {
            if (!areIdentifiers(rest.substring(plus + 1), false)) {
                return Optional.empty();
            }
            rest = rest.substring(0, plus);
        }
        int hyphen = rest.indexOf('-');
        String pre = hyphen < 0 ? "" : rest.substring(hyphen + 1);
        String[] numbers = (hyphen < 0 ? rest : rest.substring(0, hyphen)).split("\\.", -1);
        boolean qualified = hyphen >= 0 || plus >= 0;
        if (numbers.length > 3 || qualified && numbers.length < 3 || hyphen >= 0 && !areIdentifiers(pre, true)) {
            return Optional.empty();
        }
        long[] told = new long[3];
        int parts = 0;
        boolean open = false;
        for (String number : numbers) {
            if (number.equals("x") || number.equals("X") || number.equals("*")) {
                open = true;
                continue;
            }
            long value = number(number);
            if (value < 0) {
                return Optional.empty();
            }
            if (!open) {
                told[parts++] = value;
            }
        }
        return Optional.of(new Partial(parts, told[0], told[1], told[2], parts == 3 ? pre : ""));
    }

    private static long number(String text) {
        if (!Version.isNumber(text) || text.length() > 16 || text.length() > 1 && text.charAt(0) == '0') {
            return -1;
        }
        long value = Long.parseLong(text);
        return value <= Version.LARGEST ? value : -1;
    }

    private static boolean areIdentifiers(String text, boolean strictNumbers) {
        for (String identifier : text.split("\\.", -1)) {
            if (identifier.isEmpty()
                    || strictNumbers
                            && Version.isNumber(identifier)
                            && identifier.length() > 1
                            && identifier.charAt(0) == '0') {
                return false;
            }
            for (int i = 0; i < identifier.length(); i++) {
                char c = identifier.charAt(i);
                if (!(c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-')) {
                    return false;
                }
            }
        }
        return true;
    }

    Version lowest() {
        return new Version(major, minor, patch, pre);
    }

    /** The first that no longer begins as this one does; of the first number for {@code kept} 1, of the second for 2. */
    Version after(int kept) {
        return switch (kept) {
            case 1 -> new Version(major + 1, 0, 0, "0");
            case 2 -> new Version(major, minor + 1, 0, "0");
            default -> new Version(major, minor, patch + 1, "0");
        };
    }
}
