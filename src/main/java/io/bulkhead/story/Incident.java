package io.bulkhead.story;

import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * A failure and its explanation, as {@code why} and {@code incidents} show it.
 *
 * @param id short enough to type, such as {@code i42}; empty before it is opened
 * @param timeMillis ms since 1970
 * @param app empty for what concerns the daemon itself
 * @param instance -1 for what concerns no single one
 * @param cause one of the words of SPEC section 4
 * @param summary one sentence
 * @param evidence what was seen: last lines, figures
 * @param advice what to do, the most useful first
 * @param resolvedMillis when it was over; empty while it is open
 */
public record Incident(
        String id,
        long timeMillis,
        String app,
        int instance,
        String cause,
        String summary,
        List<String> evidence,
        List<String> advice,
        OptionalLong resolvedMillis) {

    /** An incident to be opened. */
    public static Incident of(
            long timeMillis,
            String app,
            int instance,
            String cause,
            String summary,
            List<String> evidence,
            List<String> advice) {
        return new Incident("", timeMillis, app, instance, cause, summary, evidence, advice, OptionalLong.empty());
    }

    Incident withId(long number) {
        return new Incident("i" + number, timeMillis, app, instance, cause, summary, evidence, advice, resolvedMillis);
    }

    Incident resolvedAt(long millis) {
        return new Incident(id, timeMillis, app, instance, cause, summary, evidence, advice, OptionalLong.of(millis));
    }

    /** The number in {@code id}, or -1 where that is no incident's id. */
    static long number(String id) {
        if (id.length() < 2 || id.length() > 18 || id.charAt(0) != 'i') {
            return -1;
        }
        long number = 0;
        for (int i = 1; i < id.length(); i++) {
            int digit = id.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            number = number * 10 + digit;
        }
        return number;
    }

    /** The object of {@code incidents --json}, SPEC section 6, with {@code resolved_at} where it is over. */
    public Map<String, Object> toMap() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("id", id);
        map.put("time", Instant.ofEpochMilli(timeMillis).toString());
        map.put("app", app);
        map.put("instance", instance);
        map.put("cause", cause);
        map.put("summary", summary);
        map.put("evidence", evidence);
        map.put("advice", advice);
        map.put("resolved", resolvedMillis.isPresent());
        if (resolvedMillis.isPresent()) {
            map.put(
                    "resolved_at",
                    Instant.ofEpochMilli(resolvedMillis.getAsLong()).toString());
        }
        return map;
    }
}
