package io.bulkhead.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** One stream to a person or a pipe: gathers text, and paints only where somebody sees it. */
final class Screen {

    private static final int DEFAULT_COLUMNS = 80;

    private final OutputStream out;
    private final StringBuilder text = new StringBuilder(1024);
    private final boolean terminal;
    private final boolean colour;
    private final boolean unicode;
    private final int columns;

    Screen(OutputStream out, boolean terminal, boolean colour, boolean unicode, int columns) {
        this.out = out;
        this.terminal = terminal;
        this.colour = colour;
        this.unicode = unicode;
        this.columns = columns;
    }

    boolean terminal() {
        return terminal;
    }

    boolean unicode() {
        return unicode;
    }

    /** Width to keep to: a pipe has none. */
    int columns() {
        return !terminal ? Integer.MAX_VALUE : columns > 0 ? columns : DEFAULT_COLUMNS;
    }

    String paint(Colour with, String what) {
        return colour ? with.paint(what) : what;
    }

    Screen print(String what) {
        text.append(what);
        return this;
    }

    Screen line(String what) {
        text.append(what).append('\n');
        return this;
    }

    /** A paragraph, broken between words, each line after {@code indent} blanks. */
    Screen paragraph(int indent, String what) {
        int width = Math.max(20, Math.min(100, columns()) - indent);
        String blanks = " ".repeat(indent);
        int from = 0;
        while (from < what.length()) {
            int end = what.length();
            if (end - from > width) {
                int blank = what.lastIndexOf(' ', from + width);
                end = blank > from ? blank : from + width;
            }
            line(blanks + what.substring(from, end));
            from = end;
            while (from < what.length() && what.charAt(from) == ' ') {
                from++;
            }
        }
        return this;
    }

    /** What was gathered. */
    String text() {
        return text.toString();
    }

    /** Puts out what was gathered. */
    void flush() throws IOException {
        if (!text.isEmpty()) {
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            text.setLength(0);
            out.write(bytes);
        }
        out.flush();
    }
}
