package io.bulkhead.cli;

/** Turns the daemon's {@code api| line} or {@code api/0| line} into {@code api    | line}, aligned as far as names have been seen, and coloured. */
final class Prefix {

    private static final int WIDEST = 24;

    private final Screen screen;
    private int width;

    Prefix(Screen screen) {
        this.screen = screen;
    }

    /** A line that begins with the name of who wrote it and a bar. */
    String paint(String line) {
        int bar = line.indexOf("| ");
        if (bar < 0 || bar > 80) {
            return Text.safeLine(line);
        }
        return paint(line.substring(0, bar), line.substring(bar + 2));
    }

    /** A sentence of the daemon, in the same columns. */
    String own(String name, Colour with, String sentence) {
        return screen.paint(Colour.BOLD, name + blanks(name) + " |") + " " + screen.paint(with, sentence);
    }

    String paint(String source, String line) {
        String name = Text.safe(source);
        String blanks = blanks(name);
        int slash = name.indexOf('/');
        Colour colour = Colour.ofName(slash < 0 ? name : name.substring(0, slash));
        return screen.paint(colour, name + blanks + " |") + " " + Text.safeLine(line);
    }

    private String blanks(String name) {
        width = Math.max(width, Math.min(WIDEST, Text.width(name)));
        return " ".repeat(Math.max(0, width - Text.width(name)));
    }
}
