package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.List;

/** {@code connections}: who holds how many connections to which external, and whether what is planned fits. */
final class ConnectionsView {

    private final Session session;
    private final Screen out;

    ConnectionsView(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        Object document = session.document("/v1/connections");
        if (session.json()) {
            return session.printJson(document);
        }
        Doc all = Doc.of(document);
        List<Doc> services = all.docs("services");
        if (services.isEmpty()) {
            out.line("no externals are declared: write externals: {postgres: {address: 127.0.0.1:5432, url: …}}");
        }
        boolean first = true;
        for (Doc service : services) {
            if (!first) {
                out.line("");
            }
            first = false;
            service(service, all);
        }
        out.flush();
        return 0;
    }

    private void service(Doc service, Doc all) throws IOException {
        String name = service.text("name");
        Doc budget = of(all.docs("budget"), name);
        StringBuilder head = new StringBuilder(name + "  " + service.text("address"));
        head.append(service.text("title").isEmpty() ? "" : "  " + service.text("title"));
        head.append("  ").append(budget.number("used", 0));
        if (budget.has("limit")) {
            head.append(" of ").append(budget.text("limit"));
        }
        head.append(" used");
        head.append(budget.number("reserved", 0) > 0 ? ", " + budget.text("reserved") + " reserved" : "");
        out.line(out.paint(Colour.BOLD, Text.safe(head.toString())));
        if (!service.text("message").isEmpty()) {
            out.paragraph(2, Text.safe(service.text("message")));
        }
        for (String note : service.texts("notes")) {
            out.paragraph(2, Text.safe(note));
        }
        List<Doc> rows = all.docs("connections").stream()
                .filter(row -> row.text("service").equals(name))
                .toList();
        if (rows.isEmpty()) {
            out.line("nobody is connected");
        } else {
            table(rows).print(out);
            reasons(rows);
        }
        if (!budget.text("sum").isEmpty()) {
            String sum = Text.safe("planned: " + budget.text("sum"));
            out.paragraph(2, budget.flag("enough") ? sum : out.paint(Colour.RED, sum));
        }
    }

    private static Doc of(List<Doc> rows, String service) {
        for (Doc row : rows) {
            if (row.text("service").equals(service)) {
                return row;
            }
        }
        return Doc.EMPTY;
    }

    private Table table(List<Doc> rows) {
        Table table = new Table()
                .column("app", false, 100)
                .column("count", true, 99)
                .column("pid", true, 98)
                .column("state", false, 97)
                .column("idle", true, 95)
                .column("user", false, 80)
                .column("process", false, 70);
        for (Doc row : rows) {
            boolean leaked = row.flag("leaked");
            String state = Text.safe(row.text("state"));
            table.row(
                    Text.safe(who(row)),
                    row.text("count"),
                    row.has("pid") ? row.text("pid") : "-",
                    leaked ? out.paint(Colour.RED, state + " (leak?)") : state,
                    row.has("idle_seconds") ? Words.duration(row.number("idle_seconds", 0)) : "-",
                    Text.safe(row.text("user")),
                    Text.safe(row.text("process")));
        }
        return table;
    }

    private static String who(Doc row) {
        if (!row.has("app")) {
            return row.has("from") && !row.has("process") ? "from " + row.text("from") : "-";
        }
        return row.text("app") + "/" + row.text("instance")
                + (row.text("generation").equals("old") ? " (old)" : "");
    }

    private void reasons(List<Doc> rows) {
        for (Doc row : rows) {
            if (row.text("generation").equals("old")) {
                out.paragraph(
                        2,
                        Text.safe("the old generation of " + row.text("app") + "/" + row.text("instance") + " (pid "
                                + row.text("pid") + ") still holds " + row.text("count")));
            }
            if (row.flag("leaked")) {
                out.paragraph(
                        2,
                        Text.safe("pid " + row.text("pid") + ", " + row.text("count") + " for up to "
                                + Words.duration(row.number("idle_seconds", 0)) + ": " + row.text("reason")));
            }
        }
    }
}
