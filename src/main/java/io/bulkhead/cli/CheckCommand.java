package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.ProblemText;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code check}: every problem of a configuration's text, and everything that would keep its apps from starting here. */
final class CheckCommand {

    private static final int TEXT_IS_WRONG = 2;
    private static final int HOST_SAYS_NO = 5;

    private final Session session;
    private final Screen out;
    private final List<@Nullable Object> findings = new ArrayList<>();
    private final List<String> asRoot = new ArrayList<>();
    private int errors;

    CheckCommand(Session session) {
        this.session = session;
        this.out = session.out();
    }

    int run() throws IOException, Failure {
        Path file = ConfigPlace.of(session);
        Home home = session.home();
        Preflight preflight = session.caller().preflight();
        Host host = preflight.host(session.caller().environment());
        if (!session.json()) {
            out.line(out.paint(Colour.DIM, "configuration: " + Text.safe(file.toString())));
        }
        SpecReader.Reading reading =
                SpecReader.read(file, file.equals(home.config()) ? home.configFolder() : Optional.empty(), host);
        for (Problem problem : reading.problems()) {
            problem(problem);
        }
        if (reading.spec().isEmpty()) {
            return end(TEXT_IS_WRONG, 0);
        }
        List<AppSpec> apps = chosen(reading.spec().get());
        examine(preflight, reading.spec().get(), apps);
        sayWhoRunsAsRoot();
        for (Map<String, Object> found : preflight.memory(reading.spec().get(), running("/v1/memory"))) {
            Doc finding = Doc.of(found);
            findings.add(finding.members());
            errors += finding.text("severity").equals("error") ? 1 : 0;
            if (!session.json()) {
                Findings.print(out, List.of(finding));
            }
        }
        return end(errors > 0 ? HOST_SAYS_NO : 0, apps.size());
    }

    /** What runs, where a daemon can say it. */
    private Doc running(String document) throws IOException {
        try {
            return Doc.of(session.document(document));
        } catch (Failure noDaemon) {
            return Doc.EMPTY;
        }
    }

    private List<AppSpec> chosen(Spec spec) throws Failure {
        String name = session.parsed().first();
        if (name.isEmpty() || name.equals("all")) {
            return List.copyOf(spec.apps().values());
        }
        AppSpec app = spec.apps().get(name);
        if (app == null) {
            throw Failure.of(
                    4,
                    "no-such-app",
                    "the configuration has no app " + name,
                    Suggest.hint(name, List.copyOf(spec.apps().keySet()), ""));
        }
        return List.of(app);
    }

    private void problem(Problem problem) {
        boolean error = problem.severity() == Problem.Severity.ERROR;
        errors += error ? 1 : 0;
        if (session.json()) {
            Map<String, @Nullable Object> finding =
                    finding("", "configuration", error ? "error" : "warning", problem.message());
            finding.put("evidence", ProblemText.of(problem).place());
            finding.put("fix", problem.hint().orElse(""));
            finding.put("file", problem.file());
            finding.put("line", problem.line());
            finding.put("column", problem.column());
            findings.add(finding);
        } else {
            Findings.printProblem(out, ProblemText.of(problem));
        }
    }

    private void examine(Preflight preflight, Spec spec, List<AppSpec> apps) throws IOException {
        List<String> names = new ArrayList<>();
        apps.forEach(app -> names.add(app.name()));
        Far far = new Far();
        List<Map<String, Object>> found;
        try (Progress progress = Progress.start(session.err(), "checking", far)) {
            found = preflight.checks(spec, names, session.caller().environment(), running("/v1/status"), far::at);
        }
        for (AppSpec app : apps) {
            boolean inTheWay = false;
            for (Map<String, Object> one : found) {
                if (app.name().equals(one.get("app"))) {
                    boolean error = "error".equals(one.get("severity"));
                    errors += error ? 1 : 0;
                    inTheWay |= error;
                    if ("user".equals(one.get("check")) && !error) {
                        asRoot.add(app.name());
                        findings.add(one);
                    } else {
                        add(new LinkedHashMap<>(one));
                    }
                }
            }
            if (!inTheWay) {
                add(finding(app.name(), "start", "ok", "ready to start"));
            }
        }
    }

    /** How many checks are done. */
    private static final class Far implements Progress.Detail {

        private volatile String words = "";

        void at(int done, int of) {
            words = done + " of " + of;
        }

        @Override
        public String words() {
            return words;
        }
    }

    /** For people once, however many apps they forgot it for. */
    private void sayWhoRunsAsRoot() {
        if (!session.json() && !asRoot.isEmpty()) {
            Map<String, @Nullable Object> all =
                    finding("", "user", "warning", "these would run as root: " + String.join(", ", asRoot));
            all.put("fix", "write user: NAME");
            Findings.print(out, List.of(new Doc(all)));
        }
    }

    private void add(Map<String, @Nullable Object> finding) {
        findings.add(finding);
        if (!session.json()) {
            Findings.print(out, List.of(new Doc(finding)));
        }
    }

    private int end(int exitCode, int apps) throws IOException {
        if (session.json()) {
            session.printJson(findings);
        } else {
            out.line(
                    errors > 0
                            ? out.paint(Colour.RED, Words.count(errors, "error"))
                            : out.paint(Colour.GREEN, Words.count(apps, "app") + " checked, no errors"));
            out.flush();
        }
        return exitCode;
    }

    private static Map<String, @Nullable Object> finding(String app, String check, String severity, String message) {
        Map<String, @Nullable Object> finding = new LinkedHashMap<>();
        finding.put("app", app);
        finding.put("check", check);
        finding.put("severity", severity);
        finding.put("message", message);
        finding.put("evidence", "");
        finding.put("fix", "");
        return finding;
    }
}
