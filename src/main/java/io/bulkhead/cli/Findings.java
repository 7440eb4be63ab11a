package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.ProblemText;
import java.util.List;
import java.util.Optional;

/** Findings of {@code check} and {@code doctor}, and problems of a configuration with their place. */
final class Findings {

    private Findings() {}

    /** {@code {"app", "check", "severity", "message", "evidence", "fix"}}, one after the other. */
    static void print(Screen out, List<Doc> findings) {
        for (Doc finding : findings) {
            String severity = finding.text("severity");
            String app = finding.text("app");
            out.line(mark(out, severity) + " " + (app.isEmpty() ? "" : Text.safe(app) + ": ")
                    + Text.safe(finding.text("message")));
            if (!finding.text("evidence").isEmpty()) {
                for (String line : Text.safeLines(finding.text("evidence"))) {
                    out.line("        " + out.paint(Colour.DIM, line));
                }
            }
            if (!finding.text("fix").isEmpty() && !severity.equals("ok")) {
                out.paragraph(8, Text.safe(finding.text("fix")));
            }
        }
    }

    /** A problem of a file as compilers show it: place, the line itself, a caret, what to do. */
    static void printProblem(Screen out, ProblemText problem) {
        Colour colour = Colour.ofState(problem.severity());
        out.line(out.paint(Colour.BOLD, Text.safe(problem.place())) + ": " + out.paint(colour, problem.severity())
                + ": " + Text.safe(problem.message()));
        if (problem.source().isPresent() && problem.caret().isPresent()) {
            // Tabs stay tabs in both lines, so that the caret stands below its place.
            out.line("    " + Text.safeLine(problem.source().get()));
            out.line("    " + out.paint(colour, Text.safeLine(problem.caret().get())));
        }
        if (problem.hint().isPresent()) {
            out.paragraph(4, Text.safe(problem.hint().get()));
        }
    }

    /** The same for a problem that the daemon found. */
    static void printProblem(Screen out, Doc problem) {
        Problem.Severity severity =
                problem.text("severity").equals("error") ? Problem.Severity.ERROR : Problem.Severity.WARNING;
        printProblem(
                out,
                ProblemText.of(new Problem(
                        severity,
                        problem.text("file"),
                        (int) problem.number("line", 0),
                        (int) problem.number("column", 0),
                        problem.text("message"),
                        some(problem.text("hint")),
                        some(problem.text("source")))));
    }

    private static Optional<String> some(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static String mark(Screen out, String severity) {
        return switch (severity) {
            case "ok" -> out.paint(Colour.GREEN, "ok     ");
            case "info" -> out.paint(Colour.DIM, "info   ");
            case "warning" -> out.paint(Colour.YELLOW, "warning");
            default -> out.paint(Colour.RED, "error  ");
        };
    }
}
