package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** {@code env APP}: what is configured, and where a process differs from it. */
final class EnvView {

    private final Session session;
    private final Screen out;

    EnvView(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        Object document =
                session.document("/v1/env/" + Client.encode(session.parsed().first()));
        if (session.json()) {
            return session.printJson(document);
        }
        Doc env = Doc.of(document);
        for (String problem : env.texts("problems")) {
            out.line(out.paint(Colour.RED, Text.safe(problem)));
        }
        if (!session.parsed().has("diff")) {
            configured(env.doc("configured"));
        }
        if (env.docs("instances").isEmpty()) {
            out.line(Text.safe(env.text("app")) + " does not run: nothing to compare with");
        }
        for (Doc instance : env.docs("instances")) {
            differences(env.text("app"), instance);
        }
        out.flush();
        return 0;
    }

    private void configured(Doc configured) {
        out.line(out.paint(Colour.BOLD, "Configured (a restart would set)"));
        if (configured.members().isEmpty()) {
            out.line("  nothing besides PATH, HOME, USER, LOGNAME, SHELL, LANG and Bulkhead's own names");
        }
        for (String name : configured.members().keySet()) {
            out.line("  " + Text.safe(name) + "=" + Text.safe(configured.text(name)));
        }
        out.line("");
    }

    private void differences(String app, Doc instance) {
        String who = Text.safe(app) + "/" + instance.text("index") + ", pid " + instance.text("pid");
        if (instance.has("problem")) {
            out.line(who + ": " + Text.safe(instance.text("problem")));
            return;
        }
        List<Doc> different = instance.docs("variables").stream()
                .filter(variable -> !variable.text("state").equals("same"))
                .toList();
        if (different.isEmpty()) {
            out.line(who + ": runs with what is configured");
            own(instance);
            return;
        }
        out.line(who + ": " + Words.count(different.size(), "variable")
                + (different.size() == 1 ? " differs" : " differ"));
        Table table = new Table()
                .column("  variable", false, 100)
                .column("is", false, 99)
                .column("process", false, 60)
                .column("configured", false, 60)
                .column("on disk", false, 50)
                .column("to mend", false, 90);
        for (Doc variable : different) {
            table.row(
                    "  " + Text.safe(variable.text("name")),
                    out.paint(Colour.YELLOW, words(variable)),
                    print(variable.text("process")),
                    print(variable.text("configured")),
                    print(variable.text("file")),
                    Text.safe(variable.text("fix")));
        }
        table.print(out);
        own(instance);
    }

    /** What dotenv or the program itself has done since the start: no restart changes that. */
    private void own(Doc instance) {
        List<String> names = new ArrayList<>();
        for (Doc variable : instance.docs("variables")) {
            if (variable.has("since_start")) {
                String how = variable.text("since_start");
                names.add(variable.text("name") + (how.equals("set") ? "" : " (" + how + ")"));
            }
        }
        if (!names.isEmpty()) {
            out.paragraph(
                    2,
                    "set by the program itself since its start (dotenv, process.env): "
                            + Text.safe(String.join(", ", names)));
        }
    }

    private static String words(Doc variable) {
        return switch (variable.text("state")) {
            case "changed" -> "another value";
            case "missing" -> "not set in the process";
            case "extra" -> "not configured any more";
            default -> variable.text("state");
        };
    }

    private static String print(String fingerprint) {
        return fingerprint.isEmpty() ? "-" : "#" + Text.safe(fingerprint);
    }
}
