package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** For {@code why}: that a check has kept an app from being started, and nobody has started it since. */
final class RefusalView {

    private static final int EVENTS = 100;
    private static final int LONGEST_EVENT = 1 << 20;

    private final Session session;

    RefusalView(Session session) {
        this.session = session;
    }

    /** Says whether there was anything to tell. */
    boolean print(String app) throws IOException, Failure {
        List<Doc> refused = standing(events(app));
        Screen out = session.out();
        for (Doc event : refused) {
            out.line(out.paint(Colour.BOLD, Text.safe(app)) + "  " + Clock.local(event.text("time")) + "  "
                    + out.paint(Colour.RED, Text.safe(event.text("verb") + " refused")));
            out.paragraph(2, Text.safe("the check " + event.text("check") + ": " + event.text("reason")));
            for (String line : Text.safeLines(event.text("evidence"))) {
                out.line("    " + out.paint(Colour.DIM, line));
            }
            if (!event.text("fix").isEmpty()) {
                out.paragraph(2, Text.safe(event.text("fix")));
            }
        }
        return !refused.isEmpty();
    }

    /** The refusals of the last wish; none once a run of a later one was ready. */
    private static List<Doc> standing(List<Doc> events) {
        List<Doc> refused = new ArrayList<>();
        for (Doc event : events) {
            switch (event.text("type")) {
                case "check.refused" -> refused.add(event);
                case "command", "instance.ready" -> refused.clear();
                default -> {}
            }
        }
        return refused;
    }

    private List<Doc> events(String app) throws IOException, Failure {
        List<Doc> events = new ArrayList<>();
        try (Reply reply =
                session.get("/v1/events?format=lines&follow=0&limit=" + EVENTS + "&app=" + Client.encode(app))) {
            LineInput lines = new LineInput(reply.body(), LONGEST_EVENT);
            for (byte[] line = lines.next(); line != null; line = lines.next()) {
                events.add(Doc.of(Json.readTrusted(new String(line, StandardCharsets.UTF_8))));
            }
        } catch (JsonException broken) {
            throw new IOException("the daemon's events cannot be read: " + broken.getMessage());
        }
        return events;
    }
}
