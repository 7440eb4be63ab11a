package io.bulkhead.guard;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A range of versions in npm's grammar (node-semver, "Range Grammar"): {@code >=20 <25}, {@code ^1.2.3 || ~2.0}, {@code 1.x}, {@code 1.2 - 2.3.4}. Compared with
 * node-semver itself by a test.
 */
final class VersionRange {

    private static final int LONGEST = 2_000;

    private enum Operator {
        LESS,
        AT_MOST,
        MORE,
        AT_LEAST,
        EQUAL
    }

    private record Bound(Operator operator, Version version) {

        boolean holds(Version candidate) {
            int order = candidate.compareTo(version);
            return switch (operator) {
                case LESS -> order < 0;
                case AT_MOST -> order <= 0;
                case MORE -> order > 0;
                case AT_LEAST -> order >= 0;
                case EQUAL -> order == 0;
            };
        }
    }

    private static final Bound NOTHING = new Bound(Operator.LESS, new Version(0, 0, 0, "0"));

    /** One of them must hold, with all its bounds. */
    private final List<List<Bound>> alternatives;

    private VersionRange(List<List<Bound>> alternatives) {
        this.alternatives = alternatives;
    }

    /** Empty where {@code text} is no range. */
    static Optional<VersionRange> parse(String text) {
        if (text.length() > LONGEST) {
            return Optional.empty();
        }
        List<List<Bound>> alternatives = new ArrayList<>();
        for (String one : text.split("\\|\\|", -1)) {
            List<Bound> bounds = new ArrayList<>();
            if (!read(one.strip(), bounds)) {
                return Optional.empty();
            }
            alternatives.add(bounds);
        }
        return Optional.of(new VersionRange(alternatives));
    }

    /** As npm decides what to install: a version before a release only where a bound names one of the same release. */
    boolean contains(Version version) {
        for (List<Bound> bounds : alternatives) {
            if (bounds.stream().allMatch(bound -> bound.holds(version))
                    && (version.pre().isEmpty() || namesRelease(bounds, version))) {
                return true;
            }
        }
        return false;
    }

    private static boolean namesRelease(List<Bound> bounds, Version version) {
        return bounds.stream()
                .anyMatch(bound ->
                        !bound.version().pre().isEmpty() && bound.version().sameRelease(version));
    }

    private static boolean read(String text, List<Bound> bounds) {
        int hyphen = text.indexOf(" - ");
        if (hyphen >= 0) {
            Optional<Partial> from = Partial.parse(text.substring(0, hyphen).strip());
            Optional<Partial> to = Partial.parse(text.substring(hyphen + 3).strip());
            if (from.isPresent() && to.isPresent()) {
                between(from.get(), to.get(), bounds);
                return true;
            }
            return false;
        }
        String word = "";
        for (String part : text.split("\\s+", -1)) {
            word += part;
            // An operator may stand apart from its version.
            if (!word.isEmpty() && "<>=~^".indexOf(word.charAt(word.length() - 1)) >= 0) {
                continue;
            }
            if (!comparison(word, bounds)) {
                return false;
            }
            word = "";
        }
        return word.isEmpty();
    }

    private static void between(Partial from, Partial to, List<Bound> bounds) {
        if (from.parts() > 0) {
            bounds.add(new Bound(Operator.AT_LEAST, from.lowest()));
        }
        switch (to.parts()) {
            case 0 -> {}
            case 3 -> bounds.add(new Bound(Operator.AT_MOST, to.lowest()));
            default -> bounds.add(new Bound(Operator.LESS, to.after(to.parts())));
        }
    }

    private static boolean comparison(String word, List<Bound> bounds) {
        if (word.isEmpty()) {
            return true;
        }
        String operator = "";
        for (String known : List.of("~>", ">=", "<=", "~", "^", ">", "<", "=")) {
            if (word.startsWith(known)) {
                operator = known;
                break;
            }
        }
        Optional<Partial> partial = Partial.parse(word.substring(operator.length()));
        if (partial.isEmpty()) {
            return false;
        }
        Partial version = partial.get();
        switch (operator) {
            case "~", "~>" -> from(version, Math.min(2, version.parts()), bounds);
            case "^" -> caret(version, bounds);
            case "", "=" -> {
                if (version.parts() == 3) {
                    bounds.add(new Bound(Operator.EQUAL, version.lowest()));
                } else {
                    from(version, version.parts(), bounds);
                }
            }
            default -> bound(operator, version, bounds);
        }
        return true;
    }

    /** All that begin with the first {@code kept} numbers, from {@code version} on; all there are for 0. */
    private static void from(Partial version, int kept, List<Bound> bounds) {
        if (kept > 0) {
            bounds.add(new Bound(Operator.AT_LEAST, version.lowest()));
            bounds.add(new Bound(Operator.LESS, version.after(kept)));
        }
    }

    /** Up to the next change of the leftmost number that is not zero. */
    private static void caret(Partial version, List<Bound> bounds) {
        int kept = version.major() > 0 ? 1 : version.minor() > 0 || version.parts() == 2 ? 2 : 3;
        from(version, Math.min(kept, version.parts()), bounds);
    }

    private static void bound(String operator, Partial version, List<Bound> bounds) {
        boolean whole = version.parts() == 3;
        if (version.parts() == 0) {
            if (operator.equals(">") || operator.equals("<")) {
                bounds.add(NOTHING);
            }
            return;
        }
        switch (operator) {
            case ">" ->
                bounds.add(
                        whole
                                ? new Bound(Operator.MORE, version.lowest())
                                : new Bound(
                                        Operator.AT_LEAST,
                                        version.after(version.parts()).release()));
            case ">=" -> bounds.add(new Bound(Operator.AT_LEAST, version.lowest()));
            case "<" ->
                bounds.add(new Bound(
                        Operator.LESS,
                        whole ? version.lowest() : new Version(version.major(), version.minor(), 0, "0")));
            default ->
                bounds.add(
                        whole
                                ? new Bound(Operator.AT_MOST, version.lowest())
                                : new Bound(Operator.LESS, version.after(version.parts())));
        }
    }
}
