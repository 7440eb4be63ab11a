package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code ports}: who owns which port, first those that apps and externals need. */
final class PortsView {

    private final Session session;
    private final Screen out;
    private final long now;

    PortsView(Session session) {
        this.session = session;
        this.out = session.out();
        this.now = System.currentTimeMillis() / 1000;
    }

    int run() throws IOException, Failure {
        Object document = session.document("/v1/ports");
        if (session.json()) {
            return session.printJson(document);
        }
        List<Doc> needed = new ArrayList<>();
        List<Doc> others = new ArrayList<>();
        for (Doc row : Doc.list(document)) {
            (row.texts("needed_by").isEmpty() && !row.has("external") ? others : needed).add(row);
        }
        if (!needed.isEmpty()) {
            out.line(out.paint(Colour.BOLD, "Needed by apps"));
            table(needed, true).print(out);
            notes(needed);
            out.line("");
        }
        out.line(out.paint(Colour.BOLD, needed.isEmpty() ? "Listening" : "Everybody else who listens"));
        if (others.isEmpty()) {
            out.line("nobody");
        } else {
            table(others, false).print(out);
            notes(others);
        }
        out.flush();
        return 0;
    }

    private Table table(List<Doc> rows, boolean needed) {
        Table table = new Table()
                .column("address", false, 100)
                .column("for", false, 95)
                .column("kind", false, 90)
                .column("process", false, 99)
                .column("pid", true, 80)
                .column("user", false, 70)
                .column("for how long", true, 50)
                .column("unit", false, 40)
                .column("command", false, 30);
        for (Doc row : rows) {
            String kind = row.text("kind");
            table.row(
                    paint(row, place(row)),
                    needed ? Text.safe(purpose(row)) : Text.safe(row.text("app")),
                    row.text("state").equals("missing")
                            ? out.paint(Colour.RED, "missing")
                            : kind.equals("orphan-tunnel") ? out.paint(Colour.RED, kind) : Text.safe(kind),
                    Text.safe(row.has("process") && row.has("pid") ? row.text("process") : "-"),
                    row.has("pid") ? row.text("pid") : "-",
                    Text.safe(row.text("user")),
                    row.has("since") ? Words.duration(now - Words.epochSeconds(row.text("since"))) : "",
                    Text.safe(row.text("unit")),
                    Text.safe(row.text("command")));
        }
        return table;
    }

    /** {@code api}; {@code postgres (api, worker)}. */
    private static String purpose(Doc row) {
        String users = String.join(", ", row.texts("needed_by"));
        return row.has("external") ? row.text("external") + (users.isEmpty() ? "" : " (" + users + ")") : users;
    }

    private void notes(List<Doc> rows) {
        for (Doc row : rows) {
            if (!row.text("reason").isEmpty()) {
                out.paragraph(2, Text.safe(place(row) + ": " + row.text("reason")));
            }
        }
    }

    private String paint(Doc row, String place) {
        return switch (row.text("state")) {
            case "wrong", "missing" -> out.paint(Colour.RED, Text.safe(place));
            case "note" -> out.paint(Colour.YELLOW, Text.safe(place));
            default -> Text.safe(place);
        };
    }

    private static String place(Doc row) {
        return switch (row.text("family")) {
            case "unix" -> row.text("address");
            case "ipv6" -> "[" + row.text("address") + "]:" + row.text("port");
            default -> row.text("address") + ":" + row.text("port");
        };
    }
}
