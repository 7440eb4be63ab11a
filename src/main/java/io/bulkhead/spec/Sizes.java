package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.Map;

/** Amounts of memory and disk: {@code 512M}, {@code 1.5GiB}, {@code 25%} of RAM. */
public final class Sizes {

    static final String WANTS = "a size such as 512M or 1.5GiB";
    static final String WANTS_OR_PERCENT = "a size such as 512M, 1.5GiB or 25% of RAM";

    private static final String PATTERN = "^\\s*(0|[0-9]{1,18}(\\.[0-9]{1,9})? ?([KMGTkmgt]([iI]?[bB])?|[bB]))\\s*$";
    private static final String PERCENT_PATTERN =
            "^\\s*(0|[0-9]{1,18}(\\.[0-9]{1,9})? ?([KMGTkmgt]([iI]?[bB])?|[bB])|(100|[0-9]{1,2}(\\.[0-9]{1,9})?) ?%)\\s*$";

    private Sizes() {}

    /**
     * Bytes of {@code 512M}, {@code 512m}, {@code 1G}, {@code 1.5GiB}, {@code 50MB}, {@code 100b}, {@code 25%} or {@code 0}. K, M, G and T are
     * powers of 1024; fractions of a byte are dropped.
     *
     * @param whole what a percentage is a part of; below 1 percentages are refused
     */
    public static Parsed<Long> parse(String text, long whole) {
        String size = text.strip();
        if (size.startsWith("-")) {
            return Parsed.bad(0, "must not be negative", "write " + Words.shown(size.substring(1)));
        }
        int digits = 0;
        while (digits < size.length() && (isDigit(size.charAt(digits)) || size.charAt(digits) == '.')) {
            digits++;
        }
        String number = size.substring(0, digits);
        String unit = size.substring(digits);
        unit = (unit.startsWith(" ") ? unit.substring(1) : unit).toLowerCase(Locale.ROOT);
        if (!isNumber(number)) {
            return Parsed.bad("wants " + (whole > 0 ? WANTS_OR_PERCENT : WANTS) + ", not " + Words.quoted(text));
        }
        BigDecimal amount = new BigDecimal(number);
        if (unit.isEmpty()) {
            return amount.signum() == 0 && number.equals("0")
                    ? Parsed.good(0L)
                    : Parsed.bad(0, "has no unit", "write a unit: " + number + "M, " + number + "K or " + number + "G");
        }
        if (unit.equals("%")) {
            return percent(amount, whole);
        }
        int shift = switch (unit) {
            case "b" -> 0;
            case "k", "kb", "kib" -> 10;
            case "m", "mb", "mib" -> 20;
            case "g", "gb", "gib" -> 30;
            case "t", "tb", "tib" -> 40;
            default -> -1;
        };
        if (shift < 0) {
            return Parsed.bad(
                    digits, "has the unknown unit " + Words.quoted(unit), "units are B, K, M, G, T (powers of 1024)");
        }
        BigDecimal bytes = amount.multiply(BigDecimal.valueOf(1L << shift)).setScale(0, RoundingMode.DOWN);
        return bytes.precision() > 18
                ? Parsed.bad(0, "is larger than any memory or disk", "check the unit")
                : Parsed.good(bytes.longValueExact());
    }

    private static Parsed<Long> percent(BigDecimal amount, long whole) {
        if (whole < 1) {
            return Parsed.bad(0, "cannot be a percentage", "write a size such as 512M");
        }
        if (amount.compareTo(BigDecimal.valueOf(100)) > 0) {
            return Parsed.bad(0, "is more than 100%", "write 100% or less");
        }
        BigDecimal bytes = amount.multiply(BigDecimal.valueOf(whole)).movePointLeft(2);
        return Parsed.good(bytes.setScale(0, RoundingMode.DOWN).longValueExact());
    }

    /** The shortest exact way to write an amount: {@code 512M}, {@code 1536M}, {@code 1000b}. */
    public static String text(long bytes) {
        if (bytes == 0) {
            return "0";
        }
        String units = "bKMGT";
        int unit = 0;
        long rest = bytes;
        while (rest % 1024 == 0 && unit < 4) {
            rest /= 1024;
            unit++;
        }
        return rest + units.substring(unit, unit + 1);
    }

    /** Up to 18 digits, and up to 9 after the point. */
    private static boolean isNumber(String number) {
        int point = number.indexOf('.');
        int whole = point < 0 ? number.length() : point;
        int fraction = point < 0 ? 0 : number.length() - point - 1;
        return whole > 0
                && whole <= 18
                && (point < 0 || (fraction > 0 && fraction <= 9))
                && number.indexOf('.', whole + 1) < 0;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** A size from {@code least} bytes on. */
    static Type<Long> type(long least, boolean percent) {
        Map<String, Object> text = Json.of("type", "string", "pattern", percent ? PERCENT_PATTERN : PATTERN);
        return new Scalars.Told<>(
                percent ? WANTS_OR_PERCENT : WANTS,
                (scalar, scope) -> atLeast(
                        least, parse(scalar.text(), percent ? scope.host().memoryBytes() : 0)),
                least > 0 ? text : Schemas.anyOf(text, Json.of("const", 0)));
    }

    private static Parsed<Long> atLeast(long least, Parsed<Long> parsed) {
        return parsed instanceof Parsed.Good<Long>(Long bytes) && bytes < least
                ? Parsed.bad(0, "must be " + text(least) + " or more", "write a larger size, or remove the key")
                : parsed;
    }
}
