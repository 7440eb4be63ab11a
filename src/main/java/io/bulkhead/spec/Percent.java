package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.math.BigDecimal;

/** Parts of a whole, in percent. */
final class Percent {

    /** A percentage in a pattern. */
    static final String PATTERN = "(100|[0-9]{1,2}(\\.[0-9]{1,9})?) ?%";

    /** {@code 20%}: 0 to 100. */
    static final Type<Double> TYPE = new Scalars.Told<>(
            "a percentage such as 20%",
            (scalar, scope) -> parse(scalar.text()), Json.of("type", "string", "pattern", "^" + PATTERN + "$"));

    /** Of so large a whole no digit of a percentage is lost. */
    private static final long WHOLE = 100_000_000_000L;

    private Percent() {}

    static Parsed<Double> parse(String text) {
        return text.endsWith("%") && Sizes.parse(text, WHOLE) instanceof Parsed.Good<Long>(Long part)
                ? Parsed.good(part / (WHOLE / 100.0))
                : Parsed.bad("wants a percentage such as 20%, not " + Words.quoted(text));
    }

    /** The shortest way to write it: {@code 20%}, {@code 12.5%}. */
    static String text(double percent) {
        return BigDecimal.valueOf(percent).stripTrailingZeros().toPlainString() + "%";
    }
}
