package io.bulkhead.cli;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows under headings, aligned also where characters are wide. On a terminal that is too narrow whole columns go, the least
 * important first; then the last one is cut.
 */
final class Table {

    /**
     * @param right whether it is aligned to the right, as figures are
     * @param weight columns with the lowest weight go first when there is no room
     */
    private record Column(String title, boolean right, int weight) {}

    private static final String GAP = "  ";

    private final List<Column> columns = new ArrayList<>();
    private final List<String[]> rows = new ArrayList<>();

    /** @param weight columns with the lowest weight go first when there is no room */
    Table column(String title, boolean right, int weight) {
        columns.add(new Column(title, right, weight));
        return this;
    }

    /** One cell for each column; cells may hold colours. */
    Table row(String... cells) {
        if (cells.length != columns.size()) {
            throw new IllegalArgumentException(cells.length + " cells for " + columns.size() + " columns");
        }
        rows.add(cells);
        return this;
    }

    void print(Screen screen) {
        int[] widths = widths();
        boolean[] shown = choose(widths, screen.columns());
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < widths.length; c++) {
            if (shown[c]) {
                cell(line, columns.get(c).title(), widths[c], columns.get(c).right());
            }
        }
        screen.line(screen.paint(Colour.DIM, end(line, screen)));
        for (String[] row : rows) {
            for (int c = 0; c < widths.length; c++) {
                if (shown[c]) {
                    cell(line, row[c], widths[c], columns.get(c).right());
                }
            }
            screen.line(end(line, screen));
        }
    }

    private int[] widths() {
        int[] widths = new int[columns.size()];
        for (int c = 0; c < widths.length; c++) {
            int width = 0;
            for (String[] row : rows) {
                width = Math.max(width, Text.width(row[c]));
            }
            // A column without anything in it is not shown.
            widths[c] =
                    width == 0 ? 0 : Math.max(width, Text.width(columns.get(c).title()));
        }
        return widths;
    }

    private boolean[] choose(int[] widths, int room) {
        boolean[] shown = new boolean[widths.length];
        int total = -GAP.length();
        for (int c = 0; c < widths.length; c++) {
            shown[c] = widths[c] > 0;
            total += shown[c] ? widths[c] + GAP.length() : 0;
        }
        while (total > room) {
            int least = -1;
            int left = 0;
            for (int c = 0; c < widths.length; c++) {
                if (shown[c]) {
                    left++;
                    if (least < 0
                            || columns.get(c).weight() < columns.get(least).weight()) {
                        least = c;
                    }
                }
            }
            if (left <= 2) {
                break;
            }
            shown[least] = false;
            total -= widths[least] + GAP.length();
        }
        return shown;
    }

    private static void cell(StringBuilder line, String text, int width, boolean right) {
        int blanks = width - Text.width(text);
        if (right) {
            line.repeat(' ', blanks);
        }
        line.append(text);
        if (!right) {
            line.repeat(' ', blanks);
        }
        line.append(GAP);
    }

    private static String end(StringBuilder line, Screen screen) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == ' ') {
            end--;
        }
        String text = line.substring(0, end);
        line.setLength(0);
        return Text.fit(text, screen.columns(), screen.unicode() ? "…" : "~");
    }
}
