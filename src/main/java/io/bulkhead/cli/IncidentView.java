package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code incidents} and {@code why}. */
final class IncidentView {

    /** What the program itself wrote, among the evidence. */
    private static final String OUTPUT = "log: ";

    private final Session session;

    IncidentView(Session session) {
        this.session = session;
    }

    int list() throws IOException, Failure, UsageException {
        int count = session.parsed().number("lines", 20, 1, 1000);
        Object document = session.document(path(session.parsed().first(), count));
        if (session.json()) {
            return session.printJson(document);
        }
        Screen out = session.out();
        List<Doc> incidents = Doc.list(document);
        if (incidents.isEmpty()) {
            out.line("no incidents").flush();
            return 0;
        }
        Table table = new Table()
                .column("incident", true, 80)
                .column("time", false, 60)
                .column("app", false, 100)
                .column("cause", false, 70)
                .column("what happened", false, 90);
        for (Doc incident : incidents) {
            table.row(
                    Text.safe(incident.text("id")),
                    Clock.local(incident.text("time")),
                    out.paint(Colour.BOLD, who(incident)),
                    out.paint(incident.flag("resolved") ? Colour.NONE : Colour.RED, Text.safe(incident.text("cause"))),
                    Text.safe(what(incident)));
        }
        table.print(out);
        out.flush();
        return 0;
    }

    int why() throws IOException, Failure {
        String about = session.parsed().first();
        Doc incident = find(about);
        if (session.json()) {
            return session.printJson(incident.members().isEmpty() ? null : incident.members());
        }
        boolean ofApp = !about.isEmpty() && !about.equals(incident.text("id")) && !isIncident(about);
        boolean refused = ofApp && new RefusalView(session).print(app(about));
        if (incident.members().isEmpty()) {
            if (about.isEmpty() || !waiting(about) && !refused) {
                session.out()
                        .line(
                                about.isEmpty()
                                        ? "nothing has gone wrong so far"
                                        : Text.safe(about) + ": nothing has gone wrong so far");
            }
        } else {
            if (refused) {
                session.out().line("");
            }
            print(incident);
        }
        session.out().flush();
        return 0;
    }

    /** What never ran has no incident, but a reason: a command that is missing, a dependency that is down. */
    private boolean waiting(String about) throws IOException, Failure {
        String app = app(about);
        boolean any = false;
        for (Doc shown :
                Doc.of(session.document("/v1/status?app=" + Client.encode(app))).docs("apps")) {
            for (Doc instance : shown.docs("instances")) {
                if (instance.has("reason")) {
                    session.out()
                            .line(Text.safe(shown.text("name") + ": " + instance.text("state") + ": "
                                    + instance.text("reason")));
                    any = true;
                }
            }
        }
        return any;
    }

    private static String app(String about) {
        int slash = about.indexOf('/');
        return slash < 0 ? about : about.substring(0, slash);
    }

    /** An app's last incident, the one of this id, or the last one at all. */
    private Doc find(String about) throws IOException, Failure {
        if (isIncident(about)) {
            try {
                return Doc.of(session.document("/v1/incidents/" + (about.startsWith("i") ? about : "i" + about)));
            } catch (Failure failure) {
                if (failure.exitCode() != 4) {
                    throw failure;
                }
                // An app may have such a name too.
            }
        }
        String app = app(about);
        List<Doc> incidents = Doc.list(session.document(path(app, app.equals(about) ? 1 : 1000)));
        for (Doc incident : incidents) {
            if (app.equals(about) || about.equals(app + "/" + incident.text("instance"))) {
                return incident;
            }
        }
        if (!app.isEmpty()) {
            session.document("/v1/status?app=" + Client.encode(app)); // says so when there is no such app
        }
        return Doc.EMPTY;
    }

    private void print(Doc incident) {
        Screen out = session.out();
        out.line(out.paint(Colour.BOLD, who(incident)) + "  " + Clock.local(incident.text("time")) + "  "
                + out.paint(Colour.RED, Text.safe(incident.text("cause")))
                + out.paint(
                        Colour.DIM,
                        "  incident " + Text.safe(incident.text("id"))
                                + (incident.flag("resolved") ? ", resolved" : "")));
        out.line("");
        out.paragraph(2, who(incident) + ": " + Text.safe(what(incident)));
        List<String> seen = new ArrayList<>();
        List<String> output = new ArrayList<>();
        for (String evidence : incident.texts("evidence")) {
            if (evidence.startsWith(OUTPUT)) {
                output.add(evidence.substring(OUTPUT.length()));
            } else {
                seen.add(evidence);
            }
        }
        section("Evidence", seen);
        if (!output.isEmpty()) {
            out.line("").line(out.paint(Colour.BOLD, "Last lines of its output"));
            for (String line : output) {
                out.line("  | " + Text.safe(line));
            }
        }
        section("Advice", incident.texts("advice"));
    }

    private void section(String title, List<String> sentences) {
        if (!sentences.isEmpty()) {
            Screen out = session.out();
            out.line("").line(out.paint(Colour.BOLD, title));
            for (String sentence : sentences) {
                out.paragraph(2, Text.safe(sentence));
            }
        }
    }

    /** The summary without the name, which has a column of its own. */
    private static String what(Doc incident) {
        String summary = incident.text("summary");
        String name = incident.text("app") + ": ";
        return summary.startsWith(name) ? summary.substring(name.length()) : summary;
    }

    private static String who(Doc incident) {
        long instance = incident.number("instance", -1);
        return Text.safe(incident.text("app")) + (instance > 0 ? "/" + instance : "");
    }

    private static String path(String app, int limit) {
        return "/v1/incidents?limit=" + limit + (app.isEmpty() ? "" : "&app=" + Client.encode(app));
    }

    /** {@code i42}, as {@code incidents} shows it; the number alone will do. */
    private static boolean isIncident(String text) {
        int from = text.startsWith("i") ? 1 : 0;
        for (int i = from; i < text.length(); i++) {
            if (text.charAt(i) < '0' || text.charAt(i) > '9') {
                return false;
            }
        }
        return text.length() > from;
    }
}
