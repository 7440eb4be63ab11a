package io.bulkhead.guard;

import java.math.BigInteger;
import java.util.Optional;

/**
 * A version as npm counts them (semver.org 2.0.0; what follows a plus is left out).
 *
 * @param pre what follows the hyphen, such as {@code rc.1}; empty for a release
 */
record Version(long major, long minor, long patch, String pre) implements Comparable<Version> {

    static final Version ZERO = new Version(0, 0, 0, "");

    /** Number.MAX_SAFE_INTEGER: node-semver takes no larger one. */
    static final long LARGEST = 9_007_199_254_740_991L;

    private static final int LONGEST = 256;

    /** Reads {@code 20.11.1} or {@code v22.0.0-rc.1+build}, blanks around it allowed; empty for anything else. */
    static Optional<Version> parse(String text) {
        String stripped = text.strip();
        if (stripped.length() > LONGEST) {
            return Optional.empty();
        }
        return Partial.parse(stripped)
                .filter(partial -> partial.parts() == 3)
                .map(partial -> new Version(partial.major(), partial.minor(), partial.patch(), partial.pre()));
    }

    Version release() {
        return new Version(major, minor, patch, "");
    }

    /** Whether it is of the same three numbers. */
    boolean sameRelease(Version other) {
        return major == other.major && minor == other.minor && patch == other.patch;
    }

    @Override
    public int compareTo(Version other) {
        int order = Long.compare(major, other.major);
        order = order != 0 ? order : Long.compare(minor, other.minor);
        order = order != 0 ? order : Long.compare(patch, other.patch);
        return order != 0 ? order : comparePre(pre, other.pre);
    }

    /** A release is above all that lead to it; identifiers of digits are below words (semver.org 2.0.0, item 11). */
    private static int comparePre(String a, String b) {
        if (a.isEmpty() || b.isEmpty()) {
            return Boolean.compare(a.isEmpty(), b.isEmpty());
        }
        String[] left = a.split("\\.", -1);
        String[] right = b.split("\\.", -1);
        for (int i = 0; i < Math.min(left.length, right.length); i++) {
            boolean leftNumber = isNumber(left[i]);
            boolean rightNumber = isNumber(right[i]);
            int order = leftNumber && rightNumber
                    ? new BigInteger(left[i]).compareTo(new BigInteger(right[i]))
                    : leftNumber != rightNumber ? (leftNumber ? -1 : 1) : left[i].compareTo(right[i]);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(left.length, right.length);
    }

    static boolean isNumber(String text) {
        for (int i = 0; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return !text.isEmpty();
    }

    @Override
    public String toString() {
        return major + "." + minor + "." + patch + (pre.isEmpty() ? "" : "-" + pre);
    }
}
