package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import java.util.OptionalInt;

/**
 * What {@code restart} says, in our words and Compose's.
 *
 * @param attempts of {@code on-failure:5}
 */
record RestartWord(Policy policy, OptionalInt attempts) {

    private static final String WANTS = "always, on-failure or never";

    static final Type<RestartWord> TYPE = new Scalars.Told<>(
            WANTS,
            (scalar, scope) -> parse(scalar.text()),
            Schemas.anyOf(
                    Json.of("enum", java.util.List.of("always", "on-failure", "never", "no", "unless-stopped")),
                    Json.of("type", "string", "pattern", "^on-failure:[0-9]{1,6}$")));

    private static Parsed<RestartWord> parse(String text) {
        return switch (text) {
            // A stop holds here until a start, also across a reboot: that is what Compose calls unless-stopped.
            case "always", "unless-stopped" -> word(Policy.ALWAYS);
            case "on-failure" -> word(Policy.ON_FAILURE);
            case "never", "no" -> word(Policy.NEVER);
            default -> counted(text);
        };
    }

    private static Parsed<RestartWord> counted(String text) {
        String count = text.startsWith("on-failure:") ? text.substring("on-failure:".length()) : "";
        boolean digits = !count.isEmpty() && count.length() <= 6;
        for (int i = 0; i < count.length(); i++) {
            digits &= count.charAt(i) >= '0' && count.charAt(i) <= '9';
        }
        if (digits) {
            return Parsed.good(new RestartWord(Policy.ON_FAILURE, OptionalInt.of(Integer.parseInt(count))));
        }
        String meant = Words.didYouMean(text, java.util.List.of("always", "on-failure", "never", "unless-stopped"));
        return Parsed.bad("wants " + WANTS + ", not " + Words.quoted(text) + meant);
    }

    private static Parsed<RestartWord> word(Policy policy) {
        return Parsed.good(new RestartWord(policy, OptionalInt.empty()));
    }
}
