package io.bulkhead.guard;

import io.bulkhead.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a database says of itself, or why it said nothing.
 *
 * @param service name of the external
 * @param trouble one word for why there is no answer: {@code refused}, {@code unreachable}, {@code silent}, {@code garbage}, {@code password}, {@code tls},
 *     {@code full}, {@code database}, {@code starting}, {@code failed}; empty: it answered
 * @param message the same as a sentence without a full stop
 * @param title such as {@code PostgreSQL 15.18}
 * @param identity what stays the same as long as it is the same server with the same data
 * @param run what stays the same until it is restarted; empty where it does not tell
 * @param startedMillis when it was started, milliseconds since 1970; 0: it does not tell
 * @param max connections it allows; 0: not told
 * @param reserved of these, kept for administrators
 * @param used connections there are, this question's own not counted
 * @param sessions those that it shows, at most {@link #MOST_SESSIONS}
 * @param notes what it would not tell, and why
 */
public record ServerView(
        String service,
        String trouble,
        String message,
        String title,
        String identity,
        String run,
        long startedMillis,
        int max,
        int reserved,
        int used,
        List<Session> sessions,
        List<String> notes) {

    public static final int MOST_SESSIONS = 2_000;

    /**
     * One connection, as the server sees it. Never what it asked for: that may be anybody's data.
     *
     * @param id the server's number of it; with PostgreSQL the process that serves it
     * @param address of the client; empty for a unix socket, or where it may not be seen
     * @param port of the client; 0 for a unix socket or where it may not be seen
     * @param state in the server's words, such as {@code idle in transaction}
     * @param idleSeconds since it last did something; -1: not told
     * @param transactionSeconds since its transaction began; -1: it is in none, or not told
     * @param waits whether it waits for news, such as LISTEN of PostgreSQL or a blocking command of Redis: idle on purpose
     */
    public record Session(
            long id,
            String user,
            String database,
            String name,
            String address,
            int port,
            String state,
            long idleSeconds,
            long transactionSeconds,
            boolean waits) {}

    static ServerView trouble(String service, String trouble, String message) {
        return new ServerView(service, trouble, message, "", "", "", 0, 0, 0, 0, List.of(), List.of());
    }

    /** The same of an external with another name. */
    ServerView named(String name) {
        return name.equals(service)
                ? this
                : new ServerView(
                        name,
                        trouble,
                        message,
                        title,
                        identity,
                        run,
                        startedMillis,
                        max,
                        reserved,
                        used,
                        sessions,
                        notes);
    }

    public boolean answered() {
        return trouble.isEmpty();
    }

    /** As one JSON object, which {@link #of} reads. */
    Map<String, @Nullable Object> toMap() {
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        map.put("service", service);
        map.put("trouble", trouble);
        map.put("message", message);
        map.put("title", title);
        map.put("identity", identity);
        map.put("run", run);
        map.put("started", startedMillis);
        map.put("max", max);
        map.put("reserved", reserved);
        map.put("used", used);
        List<Object> rows = new ArrayList<>();
        for (Session one : sessions) {
            rows.add(Json.of(
                    "id", one.id,
                    "user", one.user,
                    "database", one.database,
                    "name", one.name,
                    "address", one.address,
                    "port", one.port,
                    "state", one.state,
                    "idle", one.idleSeconds,
                    "transaction", one.transactionSeconds,
                    "waits", one.waits));
        }
        map.put("sessions", rows);
        map.put("notes", notes);
        return map;
    }

    /** What {@link #toMap} wrote. */
    public static ServerView of(Map<?, ?> map) {
        List<Session> sessions = new ArrayList<>();
        if (map.get("sessions") instanceof List<?> rows) {
            for (Object row : rows) {
                if (row instanceof Map<?, ?> one) {
                    sessions.add(new Session(
                            number(one, "id"),
                            text(one, "user"),
                            text(one, "database"),
                            text(one, "name"),
                            text(one, "address"),
                            (int) number(one, "port"),
                            text(one, "state"),
                            number(one, "idle"),
                            number(one, "transaction"),
                            Boolean.TRUE.equals(one.get("waits"))));
                }
            }
        }
        List<String> notes = new ArrayList<>();
        if (map.get("notes") instanceof List<?> lines) {
            lines.forEach(line -> notes.add(String.valueOf(line)));
        }
        return new ServerView(
                text(map, "service"),
                text(map, "trouble"),
                text(map, "message"),
                text(map, "title"),
                text(map, "identity"),
                text(map, "run"),
                number(map, "started"),
                (int) number(map, "max"),
                (int) number(map, "reserved"),
                (int) number(map, "used"),
                List.copyOf(sessions),
                List.copyOf(notes));
    }

    static String text(Map<?, ?> map, String key) {
        return map.get(key) instanceof String text ? text : "";
    }

    static long number(Map<?, ?> map, String key) {
        return map.get(key) instanceof Number number ? number.longValue() : 0;
    }
}
