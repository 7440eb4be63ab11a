package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.List;

/** {@code processes}: Node and PHP that Bulkhead does not manage. */
final class ProcessesView {

    private final Session session;
    private final Screen out;
    private final long now;

    ProcessesView(Session session) {
        this.session = session;
        this.out = session.out();
        this.now = System.currentTimeMillis() / 1000;
    }

    int run() throws IOException, Failure {
        Object document = session.document("/v1/processes");
        if (session.json()) {
            return session.printJson(document);
        }
        List<Doc> rows = Doc.list(document);
        if (rows.isEmpty()) {
            out.line("no node or php process besides those of Bulkhead");
        } else {
            strangers(rows);
        }
        census();
        out.flush();
        return 0;
    }

    private void strangers(List<Doc> rows) {
        Table table = new Table()
                .column("pid", true, 100)
                .column("kind", false, 90)
                .column("managed by", false, 99)
                .column("user", false, 60)
                .column("for how long", true, 40)
                .column("memory", true, 50)
                .column("children", true, 30)
                .column("ports", false, 70)
                .column("command", false, 80);
        for (Doc row : rows) {
            String manager = row.text("manager");
            table.row(
                    row.text("pid"),
                    Text.safe(row.text("kind")),
                    manager.equals("none") ? out.paint(Colour.YELLOW, "nobody") : Text.safe(manager),
                    Text.safe(row.text("user")),
                    Words.duration(now - Words.epochSeconds(row.text("since"))),
                    Words.bytes(row.number("memory_bytes", -1)),
                    row.number("children", 0) == 0 ? "" : row.text("children"),
                    Text.safe(String.join(" ", row.texts("ports"))),
                    Text.safe(row.text("command")));
        }
        table.print(out);
        out.line("");
        for (Doc row : rows) {
            if (row.has("duplicate_of")) {
                out.paragraph(
                        0,
                        row.text("pid") + " is a second copy of the app " + Text.safe(row.text("duplicate_of"))
                                + ", outside of Bulkhead");
            }
            for (Doc pool : row.docs("pools")) {
                pool(pool);
            }
            out.paragraph(0, "to stop " + row.text("pid") + ": " + Text.safe(row.text("stop")));
        }
    }

    /** What the instances of our apps have open. */
    private void census() throws IOException, Failure {
        Table table = new Table()
                .column("app", false, 100)
                .column("inst", true, 80)
                .column("descriptors", true, 90)
                .column("limit", true, 60)
                .column("per hour", true, 70);
        boolean any = false;
        for (Doc app : Doc.of(session.document("/v1/status")).docs("apps")) {
            for (Doc instance : app.docs("instances")) {
                if (instance.has("descriptors")) {
                    any = true;
                    long trend = instance.number("descriptors_per_hour", 0);
                    table.row(
                            Text.safe(app.text("name")),
                            instance.text("index"),
                            instance.text("descriptors"),
                            instance.text("descriptors_limit"),
                            instance.has("descriptors_per_hour") ? (trend > 0 ? "+" : "") + trend : "");
                }
            }
        }
        if (any) {
            out.line("");
            out.line(out.paint(Colour.BOLD, "Open descriptors of apps"));
            table.print(out);
        }
    }

    private void pool(Doc pool) {
        Doc status = pool.doc("status");
        String name = "pool " + Text.safe(pool.text("name")) + " (" + Text.safe(pool.text("listen")) + "): ";
        if (pool.has("problem")) {
            out.paragraph(0, name + Text.safe(pool.text("problem")));
            out.paragraph(2, "> " + Text.safe(pool.text("fix")));
        } else {
            out.paragraph(
                    0,
                    name + status.text("active_processes") + " of at most " + pool.text("max_children")
                            + " workers busy, " + status.text("listen_queue") + " requests wait (at most "
                            + status.text("max_listen_queue") + "), pm.max_children reached "
                            + status.text("max_children_reached") + " times");
        }
    }
}
