package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** {@code doctor} on one screen: what is wrong first, each with what to do, then what is worth knowing, then what is well. */
final class DoctorView {

    /** What a machine is, which one reads even where all is well. */
    private static final List<String> FACTS = List.of("host", "memory", "cgroups");

    private static final int INDENT = 8;

    private final Screen out;

    DoctorView(Screen out) {
        this.out = out;
    }

    void print(List<Doc> findings) {
        List<Doc> errors = of(findings, "error");
        List<Doc> warnings = of(findings, "warning");
        out.line(summary(errors.size(), warnings.size()));
        errors.forEach(finding -> print(finding, Colour.RED, "error"));
        warnings.forEach(finding -> print(finding, Colour.YELLOW, "warning"));
        of(findings, "info").forEach(finding -> print(finding, Colour.DIM, "info"));
        List<String> well = new ArrayList<>();
        for (Doc finding : of(findings, "ok")) {
            if (FACTS.contains(finding.text("check"))) {
                print(finding, Colour.GREEN, "ok");
            } else {
                well.add(finding.text("check"));
            }
        }
        if (!well.isEmpty()) {
            hanging(Colour.GREEN, "ok", "well: " + String.join(", ", well));
        }
    }

    private String summary(int errors, int warnings) {
        if (errors + warnings == 0) {
            return out.paint(Colour.GREEN, "nothing is wrong here");
        }
        String words = errors == 0
                ? Words.count(warnings, "warning")
                : Words.count(errors, "error") + (warnings == 0 ? "" : ", " + Words.count(warnings, "warning"));
        return out.paint(errors == 0 ? Colour.YELLOW : Colour.RED, words);
    }

    private static List<Doc> of(List<Doc> findings, String severity) {
        List<Doc> some = new ArrayList<>();
        for (Doc finding : findings) {
            if (finding.text("severity").equals(severity)) {
                some.add(finding);
            }
        }
        return some;
    }

    private void print(Doc finding, Colour colour, String severity) {
        hanging(colour, severity, finding.text("message"));
        boolean grave = severity.equals("error") || severity.equals("warning");
        if (grave && !finding.text("evidence").isEmpty()) {
            for (String line : Text.safeLines(finding.text("evidence"))) {
                String shown = Text.fit(line, Math.max(20, out.columns() - INDENT), out.unicode() ? "…" : "~");
                out.line(" ".repeat(INDENT) + out.paint(Colour.DIM, shown));
            }
        }
        if (!severity.equals("ok") && !finding.text("fix").isEmpty()) {
            out.paragraph(INDENT, "> " + Text.safe(finding.text("fix")));
        }
    }

    /** The word once, and the text beside it. */
    private void hanging(Colour colour, String word, String text) {
        Screen aside = new Screen(OutputStream.nullOutputStream(), out.terminal(), false, out.unicode(), out.columns());
        aside.paragraph(INDENT, Text.safe(text));
        String lines = aside.text();
        out.print(out.paint(colour, word)
                + " ".repeat(INDENT - word.length())
                + lines.substring(Math.min(INDENT, lines.length())));
    }
}
