package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.List;

/** {@code tunnel list} for people. */
final class TunnelsView {

    private final Screen out;
    private final long now = System.currentTimeMillis() / 1000;

    TunnelsView(Session session) {
        this.out = session.out();
    }

    int print(List<Doc> rows) throws IOException {
        if (rows.isEmpty()) {
            out.line("no tunnels; declare one under tunnels: in bulkhead.yaml, or open one for this terminal:")
                    .line("  bulkhead tunnel open 127.0.0.1:5433:localhost:5432 user@host")
                    .flush();
            return 0;
        }
        Table table = new Table()
                .column("tunnel", false, 100)
                .column("state", false, 99)
                .column("forward", false, 95)
                .column("via", false, 90)
                .column("pid", true, 80)
                .column("clients", true, 85)
                .column("up", true, 70)
                .column("restarts", true, 50)
                .column("closes", true, 60)
                .column("needed by", false, 40);
        for (Doc row : rows) {
            boolean terminal = row.text("origin").equals("terminal");
            table.row(
                    Text.safe(row.text("name")),
                    out.paint(colour(row.text("state")), Text.safe(row.text("state"))),
                    Text.safe(row.text("forward")),
                    Text.safe(row.text("via")),
                    row.has("pid") ? row.text("pid") : "-",
                    row.text("clients"),
                    row.has("since") ? Words.duration(now - Words.epochSeconds(row.text("since"))) : "",
                    row.text("restarts"),
                    row.has("closes")
                            ? "in " + Words.duration(Math.max(0, Words.epochSeconds(row.text("closes")) - now))
                            : terminal ? "with its terminal" : "",
                    Text.safe(String.join(", ", row.texts("needed_by"))));
        }
        table.print(out);
        for (Doc row : rows) {
            if (!row.text("reason").isEmpty()) {
                out.paragraph(2, Text.safe(row.text("name") + ": " + row.text("reason")));
            }
        }
        out.flush();
        return 0;
    }

    private static Colour colour(String state) {
        return switch (state) {
            case "up" -> Colour.GREEN;
            case "crashed", "blocked", "target-down" -> Colour.RED;
            case "backoff", "starting" -> Colour.YELLOW;
            default -> Colour.NONE;
        };
    }
}
