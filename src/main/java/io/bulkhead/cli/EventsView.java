package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;

/** {@code events}: the history as sentences, or as it is with {@code --json}. */
final class EventsView {

    private static final int LONGEST_EVENT = 256 << 10;

    private final Session session;

    EventsView(Session session) {
        this.session = session;
    }

    int run() throws IOException, Failure, UsageException {
        Parsed parsed = session.parsed();
        int count = parsed.number("lines", 50, 0, 10_000);
        int after = parsed.number("after", -1, 0, Integer.MAX_VALUE);
        boolean follow = parsed.has("follow");
        String query =
                "/v1/events?format=lines&follow=" + (follow ? "1&last=" : "0&limit=") + Math.max(follow ? 0 : 1, count)
                        + (after >= 0 ? "&after=" + after : "")
                        + (parsed.first().isEmpty() ? "" : "&app=" + Client.encode(parsed.first()));
        Doc status = Doc.of(session.document(
                "/v1/status" + (parsed.first().isEmpty() ? "" : "?app=" + Client.encode(parsed.first()))));
        Set<String> several = several(status);
        try (Reply reply = session.get(query)) {
            LineInput lines = new LineInput(reply.body(), LONGEST_EVENT);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                if (line.length > 0) {
                    print(new String(line, StandardCharsets.UTF_8), several);
                }
                if (!lines.more()) {
                    session.out().flush();
                }
            }
        }
        session.out().flush();
        return 0;
    }

    /** Names of the apps with more than one instance. */
    static Set<String> several(Doc status) {
        Set<String> names = new HashSet<>();
        for (Doc app : status.docs("apps")) {
            if (app.docs("instances").size() > 1) {
                names.add(app.text("name"));
            }
        }
        return names;
    }

    private void print(String line, Set<String> several) throws IOException {
        if (session.json()) {
            session.out().line(line);
            return;
        }
        try {
            Doc event = Doc.of(Json.readTrusted(line));
            Screen out = session.out();
            out.line(out.paint(Colour.DIM, Clock.local(event.text("time"))) + "  "
                    + out.paint(Sentence.colour(event), Sentence.of(event, several)));
        } catch (JsonException e) {
            throw new IOException("the daemon's event is not JSON: " + e.getMessage(), e);
        }
    }
}
