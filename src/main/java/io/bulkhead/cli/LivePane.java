package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.IntSupplier;

/**
 * The place of the live view: lines flow upwards, the status stays below them. Everything between two drawings goes out as
 * one write, so that nothing flickers, and at most every {@value #FRAME_MILLIS} ms.
 */
final class LivePane {

    /** More than this between two drawings nobody can read; the logs have it. */
    private static final int MOST_PENDING = 256 << 10;

    private static final int FRAME_MILLIS = 50;
    private static final int MOST_ROWS = 16;
    private static final String OWN = "bulkhead";

    private final Caller caller;
    private final boolean colour;
    private final IntSupplier columns;
    private final Prefix prefix;
    private final StringBuilder pending = new StringBuilder();
    private Doc status = Doc.EMPTY;
    /** What stands below the lines now. */
    private String below = "";

    private int dropped;
    private long drawnMillis;
    private boolean waiting;
    private boolean closed;

    LivePane(Caller caller, boolean colour, IntSupplier columns) {
        this.caller = caller;
        this.colour = colour;
        this.columns = columns;
        this.prefix = new Prefix(screen(caller.out(), false));
    }

    /** An event, or a word of the daemon, in the column of the names. */
    synchronized String sentence(Colour with, String sentence) {
        return prefix.own(OWN, with, sentence);
    }

    /** A line of an app, beginning with its name and a bar. */
    synchronized void log(String line) {
        line(prefix.paint(line));
    }

    synchronized void line(String line) {
        if (pending.length() + line.length() > MOST_PENDING) {
            dropped++;
            return;
        }
        pending.append(line);
        if (colour && line.indexOf(0x1b) >= 0) {
            pending.append("\u001b[0m"); // a colour that an app left on ends with its line
        }
        pending.append('\n');
    }

    synchronized void status(Doc now) {
        status = now;
    }

    /** Shows what has come, at once or with the next frame. */
    synchronized void draw() {
        if (closed || waiting) {
            return;
        }
        long since = System.currentTimeMillis() - drawnMillis;
        if (caller.terminal() && since >= 0 && since < FRAME_MILLIS) {
            waiting = true;
            Thread.ofVirtual().name("live-frame").start(this::drawLater);
            return;
        }
        drawNow(true);
    }

    synchronized void close() {
        if (!closed) {
            drawNow(false);
            closed = true;
        }
    }

    private void drawLater() {
        try {
            Thread.sleep(FRAME_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            waiting = false;
            if (!closed) {
                drawNow(true);
            }
        }
    }

    private void drawNow(boolean withStatus) {
        StringBuilder out = new StringBuilder(pending.length() + 2048);
        int rows = rowsOf(below);
        if (rows > 0) {
            out.append("\u001b[").append(rows).append("A\r\u001b[J");
        }
        out.append(pending);
        if (dropped > 0) {
            out.append(Words.count(dropped, "line")).append(" too fast for this terminal: bulkhead logs has them\n");
        }
        pending.setLength(0);
        dropped = 0;
        below = withStatus && caller.terminal() ? statusTable() : "";
        out.append(below);
        drawnMillis = System.currentTimeMillis();
        write(out);
    }

    /** Rows that {@code text} takes now: in a terminal that was made narrower since, its lines have been folded. */
    private int rowsOf(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        int width = Math.max(1, columns.getAsInt());
        int rows = 0;
        int at = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
            rows += Math.max(1, (Text.width(text.substring(at, end)) + width - 1) / width);
            at = end + 1;
        }
        return rows;
    }

    private void write(StringBuilder out) {
        if (out.isEmpty()) {
            return;
        }
        try {
            caller.out().write(out.toString().getBytes(StandardCharsets.UTF_8));
            caller.out().flush();
        } catch (IOException e) {
            closed = true; // nobody looks any more; the apps go on
        }
    }

    /** The status as at most {@value #MOST_ROWS} rows of text, each narrower than the terminal. */
    private String statusTable() {
        List<Doc> apps = status.docs("apps");
        if (apps.isEmpty()) {
            return "";
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Screen screen = screen(bytes, true);
        new StatusView(screen, drawnMillis / 1000).table(apps).print(screen);
        try {
            screen.flush();
        } catch (IOException e) {
            return ""; // an array takes everything
        }
        String rule = (caller.unicode() ? "─" : "-").repeat(Math.max(1, Math.min(100, screen.columns() - 1)));
        return screen.paint(Colour.DIM, rule) + "\n" + rows(bytes.toString(StandardCharsets.UTF_8));
    }

    private static String rows(String text) {
        int at = 0;
        for (int row = 0; row < MOST_ROWS; row++) {
            int end = text.indexOf('\n', at);
            if (end < 0) {
                return text;
            }
            at = end + 1;
        }
        return at >= text.length() ? text : text.substring(0, at) + "... (bulkhead status shows all)\n";
    }

    private Screen screen(OutputStream out, boolean narrow) {
        int width = columns.getAsInt();
        return new Screen(out, caller.terminal(), colour, caller.unicode(), narrow && width > 1 ? width - 1 : width);
    }
}
