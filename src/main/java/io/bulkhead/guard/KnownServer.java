package io.bulkhead.guard;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A database as it was when it was seen last.
 *
 * @param identity what stays as long as it is the same server with the same data
 * @param run what stays until it is restarted; may be empty
 * @param startedMillis when it had been started, milliseconds since 1970
 * @param seenMillis when it was seen
 */
public record KnownServer(String title, String identity, String run, long startedMillis, long seenMillis) {

    /** Clocks differ, and a start is told in whole seconds. */
    private static final long SLACK_MILLIS = 5_000;

    /** How one that answers now compares with what is remembered. */
    public enum Likeness {
        SAME,
        RESTARTED,
        OTHER
    }

    static KnownServer of(ServerView view, long nowMillis) {
        return new KnownServer(view.title(), view.identity(), view.run(), view.startedMillis(), nowMillis);
    }

    /** What is remembered of {@code view}: text that {@link #read} reads. */
    public static String write(ServerView view, long nowMillis) {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("title", view.title());
        map.put("identity", view.identity());
        map.put("run", view.run());
        map.put("started", view.startedMillis());
        map.put("seen", nowMillis);
        return Json.write(map);
    }

    /** Empty where it cannot be read. */
    public static Optional<KnownServer> read(String text) {
        try {
            return Json.read(text) instanceof Map<?, ?> map
                    ? Optional.of(new KnownServer(
                            ServerView.text(map, "title"),
                            ServerView.text(map, "identity"),
                            ServerView.text(map, "run"),
                            ServerView.number(map, "started"),
                            ServerView.number(map, "seen")))
                    : Optional.empty();
        } catch (JsonException damaged) {
            return Optional.empty();
        }
    }

    /**
     * Whether {@code view} is the one that is remembered. Redis has no identity of its own: one that had been started before the other was seen last has run beside
     * it, and is another.
     */
    public Likeness compare(ServerView view) {
        if (identity.isEmpty() || view.identity().isEmpty()) {
            return Likeness.SAME;
        }
        if (!identity.equals(view.identity())) {
            return Likeness.OTHER;
        }
        boolean otherRun = !run.equals(view.run());
        if (otherRun && view.startedMillis() + SLACK_MILLIS < seenMillis) {
            return Likeness.OTHER;
        }
        return otherRun || view.startedMillis() > startedMillis + SLACK_MILLIS ? Likeness.RESTARTED : Likeness.SAME;
    }

    /** {@code postgres is another database than it was on 2026-11-21 14:03: PostgreSQL 15.18 with system_identifier 2, not … with 1}. */
    public String difference(ServerView view) {
        String when =
                Instant.ofEpochMilli(seenMillis).truncatedTo(ChronoUnit.MINUTES).toString();
        String now = identity.equals(view.identity()) ? "run " + view.run() : view.identity();
        String before = identity.equals(view.identity()) ? "run " + run : identity;
        return view.service() + " is another database than the one seen last (" + when + "): it is " + view.title()
                + " with " + now + ", that was " + title + " with " + before;
    }
}
