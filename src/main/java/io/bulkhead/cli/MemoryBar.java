package io.bulkhead.cli;

/** A share of a limit as a bar of eight cells, with the drain mark in it: {@code ███▌  │░}. */
final class MemoryBar {

    static final int CELLS = 8;

    private static final double MARK_WITHOUT_DRAIN = 0.8;
    private static final double CLOSE = 0.9;

    private MemoryBar() {}

    /**
     * @param limit above 0
     * @param mark bytes at which it is drained; 0 or less where it is not
     */
    static String of(Screen screen, long used, long limit, long mark) {
        double share = Math.max(0, Math.min(1, (double) used / limit));
        double drain = mark > 0 ? Math.min(1, (double) mark / limit) : MARK_WITHOUT_DRAIN;
        Colour colour = share >= Math.max(drain, CLOSE) ? Colour.RED : share >= drain ? Colour.YELLOW : Colour.GREEN;
        int eighths = (int) Math.round(share * CELLS * 8);
        int marked = mark > 0 && mark < limit ? (int) (drain * CELLS) : -1;
        StringBuilder bar = new StringBuilder(CELLS);
        for (int cell = 0; cell < CELLS; cell++) {
            int part = Math.max(0, Math.min(8, eighths - cell * 8));
            bar.append(part == 0 && cell == marked ? markCell(screen) : cell(screen, part));
        }
        return screen.paint(colour, bar.toString());
    }

    private static char markCell(Screen screen) {
        return screen.unicode() ? '│' : '|';
    }

    private static char cell(Screen screen, int part) {
        if (!screen.unicode()) {
            return part >= 4 ? '#' : '.';
        }
        // U+2588 is the full block, U+258F an eighth of it.
        return part == 0 ? '░' : (char) (0x2590 - part);
    }
}
