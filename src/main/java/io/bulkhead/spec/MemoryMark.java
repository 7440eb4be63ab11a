package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.util.Optional;

/** A mark below a memory limit: a part of it, an amount, or none. */
sealed interface MemoryMark {

    String WANTS = "a percentage of memory such as 80%, a size such as 400M, or off";

    /** {@code 80%}, {@code 400M}, {@code off}. */
    Type<MemoryMark> TYPE = AppTypes.choice(
            WANTS,
            new Scalars.Mapped<>(Off.TYPE, word -> new None()),
            new Scalars.Told<>(
                    WANTS,
                    (scalar, scope) -> parse(scalar.text()),
                    Json.of(
                            "type",
                            "string",
                            "pattern",
                            "^\\s*([0-9]{1,18}(\\.[0-9]{1,9})? ?([KMGTkmgt]([iI]?[bB])?|[bB])|" + Percent.PATTERN
                                    + ")\\s*$")));

    record Part(double percent) implements MemoryMark {}

    record Amount(long bytes) implements MemoryMark {}

    record None() implements MemoryMark {}

    /** Bytes of the mark below {@code limit}; empty where there is none. */
    default Optional<Long> below(long limit) {
        return switch (this) {
            case Part(double percent) -> Optional.of((long) (limit * (percent / 100)));
            case Amount(long bytes) -> Optional.of(bytes);
            case None none -> Optional.empty();
        };
    }

    /** The shortest way to write a mark at {@code bytes} below {@code limit}: as a whole percentage where it is one. */
    static String text(long bytes, long limit) {
        for (int percent = 1; percent <= 100; percent++) {
            if (new Part(percent).below(limit).orElse(-1L) == bytes) {
                return percent + "%";
            }
        }
        return Sizes.text(bytes);
    }

    private static Parsed<MemoryMark> parse(String text) {
        if (text.strip().endsWith("%")) {
            return switch (Percent.parse(text.strip())) {
                case Parsed.Good<Double>(Double percent) -> Parsed.good(new Part(percent));
                case Parsed.Bad<Double> bad -> Parsed.bad("wants " + WANTS + ", not " + Words.quoted(text));
            };
        }
        return switch (Sizes.parse(text, 0)) {
            case Parsed.Good<Long>(Long bytes) ->
                bytes < MemoryKeys.LEAST
                        ? Parsed.bad(0, "must be 1M or more", "write a part of memory, such as 80%, or off")
                        : Parsed.good(new Amount(bytes));
            case Parsed.Bad<Long>(String message, Optional<String> hint, int offset) ->
                new Parsed.Bad<>(message, hint, offset);
        };
    }
}
