package io.bulkhead.cli;

/** Turns the daemon's {@code api/0| line} into {@code api/0 | line}, aligned as far as names have been seen, and coloured. */
final class Prefix {

    private static final int WIDEST = 24;

    private final Screen screen;
    private int width;

    Prefix(Screen screen) {
        this.screen = screen;
    }

    /** A line that begins with {@code app/index| }. */
    String paint(String line) {
        int bar = line.indexOf("| ");
        if (bar < 0 || bar > 80) {
            return Text.safeLine(line);
        }
        return paint(line.substring(0, bar), line.substring(bar + 2));
    }

    String paint(String source, String line) {
        String name = Text.safe(source);
        width = Math.max(width, Math.min(WIDEST, Text.width(name)));
        String blanks = " ".repeat(Math.max(0, width - Text.width(name)));
        int slash = name.indexOf('/');
        Colour colour = Colour.ofName(slash < 0 ? name : name.substring(0, slash));
        return screen.paint(colour, name + blanks + " |") + " " + Text.safeLine(line);
    }
}
