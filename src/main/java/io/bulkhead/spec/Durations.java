package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.time.Duration;
import java.util.Map;

/** Lengths of time: {@code 500ms}, {@code 10s}, {@code 1h30m}, a plain number of seconds up to 600. */
public final class Durations {

    static final String WANTS = "a time such as 500ms, 10s, 5m or 1h30m";

    private static final long LONGEST_MILLIS = 3650L * 24 * 3600 * 1000;
    private static final String PATTERN =
            "^(([0-9]{1,9}(\\.[0-9]{1,3})?(ms|s|m|h|d)){1,5}|0{0,6}([0-9]{1,2}|[1-5][0-9]{2})(\\.[0-9]{1,3})?|0{0,6}600(\\.0{1,3})?)$";

    private Durations() {}

    /** Units are ms, s, m, h and d, in any number; fractions of a millisecond are dropped. */
    public static Parsed<Duration> parse(String text) {
        if (text.startsWith("-")) {
            return Parsed.bad(0, "must not be negative", "write " + Words.shown(text.substring(1)));
        }
        long millis = 0;
        int at = 0;
        int parts = 0;
        while (at < text.length()) {
            int from = at;
            while (at < text.length() && (isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
                at++;
            }
            long thousandths = thousandths(text.substring(from, at));
            int unitAt = at;
            while (at < text.length() && text.charAt(at) >= 'a' && text.charAt(at) <= 'z') {
                at++;
            }
            if (thousandths < 0 || parts == 5) {
                return Parsed.bad(
                        from, "wants " + WANTS + ", not " + Words.quoted(text), "units are ms, s, m, h and d");
            }
            long unit = unit(text.substring(unitAt, at));
            if (unitAt == text.length() && parts == 0) {
                return thousandths <= 600_000
                        ? Parsed.good(Duration.ofMillis(thousandths))
                        : Parsed.bad(0, "has no unit", "write a unit: " + text + "ms or " + text + "s");
            }
            if (unit == 0) {
                return Parsed.bad(
                        unitAt, "wants " + WANTS + ", not " + Words.quoted(text), "units are ms, s, m, h and d");
            }
            millis += thousandths * unit / 1000;
            parts++;
            if (millis > LONGEST_MILLIS) {
                return Parsed.bad(0, "is longer than ten years", "check the unit");
            }
        }
        return parts == 0
                ? Parsed.bad("wants " + WANTS + ", not " + Words.quoted(text))
                : Parsed.good(Duration.ofMillis(millis));
    }

    /** The same time as a user would write it: {@code 1h30m}, {@code 1s500ms}, {@code 0s}. */
    public static String text(Duration time) {
        long rest = time.toMillis();
        if (rest == 0) {
            return "0s";
        }
        StringBuilder out = new StringBuilder();
        String[] names = {"d", "h", "m", "s", "ms"};
        long[] sizes = {86_400_000, 3_600_000, 60_000, 1000, 1};
        for (int i = 0; i < names.length; i++) {
            if (rest >= sizes[i]) {
                out.append(rest / sizes[i]).append(names[i]);
                rest %= sizes[i];
            }
        }
        return out.toString();
    }

    /** Thousandths of up to nine digits and three decimals; -1 where it is no such number. */
    private static long thousandths(String number) {
        int point = number.indexOf('.');
        String whole = point < 0 ? number : number.substring(0, point);
        String fraction = point < 0 ? "" : number.substring(point + 1);
        boolean wrong = whole.isEmpty()
                || whole.length() > 9
                || fraction.length() > 3
                || fraction.indexOf('.') >= 0
                || (point >= 0 && fraction.isEmpty());
        return wrong ? -1 : Long.parseLong(whole) * 1000 + Long.parseLong((fraction + "000").substring(0, 3));
    }

    private static long unit(String name) {
        return switch (name) {
            case "ms" -> 1;
            case "s" -> 1000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            case "d" -> 86_400_000;
            default -> 0;
        };
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A time within bounds, both included. */
    static Type<Duration> type(Duration least, Duration most) {
        Map<String, Object> schema = Schemas.anyOf(
                Json.of("type", "string", "pattern", PATTERN), Json.of("type", "number", "minimum", 0, "maximum", 600));
        return new Scalars.Told<>(
                WANTS,
                (scalar, scope) -> switch (parse(scalar.text())) {
                    case Parsed.Good<Duration>(Duration time)
                    when time.compareTo(least) < 0 || time.compareTo(most) > 0 ->
                        Parsed.bad(
                                0,
                                "must be between " + text(least) + " and " + text(most),
                                "write a time in between, or remove the key");
                    case Parsed<Duration> parsed -> parsed;
                },
                schema);
    }
}
