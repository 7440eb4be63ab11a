package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.util.List;

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
                out.line("        " + out.paint(Colour.DIM, Text.safe(finding.text("evidence"))));
            }
            if (!finding.text("fix").isEmpty() && !severity.equals("ok")) {
                out.paragraph(8, Text.safe(finding.text("fix")));
            }
        }
    }

    /** A problem as compilers show it: place, the line itself, a caret, what to do. */
    static void printProblem(Screen out, Doc problem) {
        String severity = problem.text("severity");
        long line = problem.number("line", 0);
        long column = problem.number("column", 0);
        String place = Text.safe(problem.text("file")) + (line > 0 ? ":" + line + (column > 0 ? ":" + column : "") : "");
        out.line(out.paint(Colour.BOLD, place) + ": " + out.paint(Colour.ofState(severity), severity) + ": "
                + Text.safe(problem.text("message")));
        String source = problem.text("source");
        if (line > 0 && !source.isEmpty()) {
            String number = Long.toString(line);
            out.line("  " + number + " | " + Text.safe(source));
            int before = Text.width(Text.safe(source.substring(0, (int) Math.max(0, Math.min(source.length(), column - 1)))));
            out.line("  " + " ".repeat(number.length()) + " | " + " ".repeat(before) + out.paint(Colour.ofState(severity), "^"));
        }
        if (!problem.text("hint").isEmpty()) {
            out.paragraph(4, Text.safe(problem.text("hint")));
        }
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
