package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code apply}: the difference first, then the deed. */
final class ApplyCommand {

    private final Session session;
    private final Screen out;
    /** Findings that the person has seen with the difference. */
    private final List<Doc> shown = new ArrayList<>();

    ApplyCommand(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        Verbs verbs = new Verbs(session);
        String file = ConfigPlace.of(session).toString();
        if (!session.json()) {
            out.line(out.paint(Colour.DIM, "configuration: " + Text.safe(file))).flush();
        }
        try {
            boolean dry = session.parsed().has("dry-run");
            Map<String, @Nullable Object> comparing = options(file, true);
            comparing.put("check", dry);
            Doc plan = verbs.act("/v1/apply", comparing, "comparing");
            if (session.json() && dry) {
                session.printJson(plan.members());
                return exit(plan);
            }
            int changes = session.json() ? 1 : show(plan);
            if (dry || changes == 0) {
                out.line(
                                changes == 0
                                        ? "nothing to do: what runs is what the file says"
                                        : "dry run: nothing was changed")
                        .flush();
                return exit(plan);
            }
            Doc done = verbs.act("/v1/apply", options(file, false), "applying");
            if (session.json()) {
                session.printJson(done.members());
            } else {
                verbs.warn(done, shown);
                Text.safeLines(done.text("message")).forEach(out::line);
                out.flush();
            }
            return exit(done);
        } catch (Failure failure) {
            if (!session.json()) {
                for (Doc problem : failure.document().docs("problems")) {
                    Findings.printProblem(session.err(), problem);
                }
                verbs.warn(failure.document(), shown);
            }
            throw failure;
        }
    }

    private Map<String, @Nullable Object> options(String file, boolean dryRun) {
        Map<String, @Nullable Object> options = new LinkedHashMap<>();
        options.put("file", file);
        options.put("dry_run", dryRun);
        options.put("wait", !session.parsed().has("no-wait"));
        if (!session.parsed().first().isEmpty()) {
            options.put("app", session.parsed().first());
        }
        new Verbs(session).override(options);
        return options;
    }

    /** What would change, apps that go first; the number of changes. */
    private int show(Doc plan) throws IOException {
        for (Doc problem : plan.docs("problems")) {
            Findings.printProblem(session.err(), problem);
        }
        Findings.print(session.err(), plan.docs("findings"));
        session.err().flush();
        shown.addAll(plan.docs("findings"));
        int changes = 0;
        for (String kind : List.of("remove", "add", "change")) {
            for (Doc change : plan.docs("changes")) {
                if (change.text("change").equals(kind)) {
                    changes++;
                    out.line(line(change));
                }
            }
        }
        for (String setting : plan.texts("settings")) {
            changes++;
            out.line(out.paint(Colour.YELLOW, "~ " + Text.safe(setting)));
        }
        out.flush();
        return changes;
    }

    private String line(Doc change) {
        String app = Text.safe(change.text("app"));
        return switch (change.text("change")) {
            case "remove" -> out.paint(Colour.RED, "- " + app) + "  is no longer in the file: stopped and forgotten";
            case "add" -> out.paint(Colour.GREEN, "+ " + app);
            default -> out.paint(Colour.YELLOW, "~ " + app) + "  " + Text.safe(String.join(", ", change.texts("keys")));
        };
    }

    private static int exit(Doc outcome) {
        return (int) outcome.number("exit_code", 0);
    }
}
