package io.bulkhead.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A problem as a compiler would print it, in parts that a terminal may colour.
 *
 * @param place {@code bulkhead.yaml:12:5}, or the file alone when all of it is meant
 * @param severity {@code error} or {@code warning}
 * @param message what is wrong
 * @param source the line it stands in, cut to a window when it is long, tabs as they are
 * @param caret blanks and a {@code ^} below the place; tabs stay tabs, wide characters count for two
 * @param hint what to do
 */
public record ProblemText(
        String place,
        String severity,
        String message,
        Optional<String> source,
        Optional<String> caret,
        Optional<String> hint) {

    /** Columns shown of a long line. */
    private static final int WINDOW = 160;

    public static ProblemText of(Problem problem) {
        String place =
                problem.line() == 0 ? problem.file() : problem.file() + ":" + problem.line() + ":" + problem.column();
        String severity = problem.severity() == Problem.Severity.ERROR ? "error" : "warning";
        Optional<Window> window = problem.line() == 0
                ? Optional.empty()
                : problem.sourceLine().map(line -> Window.around(line, problem.column() - 1));
        return new ProblemText(
                place,
                severity,
                problem.message(),
                window.map(Window::text),
                window.map(Window::caret),
                problem.hint());
    }

    /** All of it, line by line, without a line's end after the last. */
    public String plain() {
        List<String> lines = new ArrayList<>();
        lines.add(place + ": " + severity + ": " + message);
        source.ifPresent(line -> lines.add("    " + line));
        caret.ifPresent(line -> lines.add("    " + line));
        hint.ifPresent(line -> lines.add("  hint: " + line));
        return String.join("\n", lines);
    }

    /** One after the other, with a line's end after each. */
    public static String plain(List<Problem> problems) {
        StringBuilder out = new StringBuilder();
        for (Problem problem : problems) {
            out.append(of(problem).plain()).append('\n');
        }
        return out.toString();
    }

    private record Window(String text, String caret) {

        static Window around(String line, int column) {
            int[] points = line.codePoints().toArray();
            int at = Math.clamp(column, 0, points.length);
            int from = points.length <= WINDOW ? 0 : Math.clamp(at - WINDOW / 2, 0, points.length - WINDOW);
            int end = Math.min(points.length, from + WINDOW);
            StringBuilder text = new StringBuilder();
            StringBuilder caret = new StringBuilder();
            if (from > 0) {
                text.append('…');
                caret.append(' ');
            }
            for (int i = from; i < end; i++) {
                text.appendCodePoint(visible(points[i]));
                if (i < at) {
                    caret.append(points[i] == '\t' ? "\t" : " ".repeat(width(points[i])));
                }
            }
            if (end < points.length) {
                text.append('…');
            }
            return new Window(text.toString(), caret.append('^').toString());
        }

        /** A file must not be able to steer the terminal: control characters become their pictures. */
        private static int visible(int point) {
            if (point < ' ' && point != '\t') {
                return 0x2400 + point;
            }
            boolean steers = (point >= 0x7f && point < 0xa0)
                    || (point >= 0x202a && point <= 0x202e)
                    || (point >= 0x2066 && point <= 0x2069);
            return steers ? 0xfffd : point;
        }

        /** Columns of a character on a terminal, after Unicode's East Asian Width (UAX 11). */
        private static int width(int point) {
            int type = Character.getType(point);
            if (type == Character.NON_SPACING_MARK
                    || type == Character.ENCLOSING_MARK
                    || point == 0x200d
                    || point == 0xfeff) {
                return 0;
            }
            boolean wide = (point >= 0x1100 && point <= 0x115f)
                    || (point >= 0x2e80 && point <= 0xa4cf)
                    || (point >= 0xac00 && point <= 0xd7a3)
                    || (point >= 0xf900 && point <= 0xfaff)
                    || (point >= 0xfe30 && point <= 0xfe6f)
                    || (point >= 0xff00 && point <= 0xff60)
                    || (point >= 0xffe0 && point <= 0xffe6)
                    || (point >= 0x1f300 && point <= 0x1faff)
                    || (point >= 0x20000 && point <= 0x3fffd);
            return wide ? 2 : 1;
        }
    }
}
