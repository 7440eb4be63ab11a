package io.bulkhead.cli;

/** Colours of the terminal's own palette, so that they fit its theme. */
enum Colour {
    NONE(""),
    BOLD("1"),
    DIM("2"),
    RED("31"),
    GREEN("32"),
    YELLOW("33"),
    BLUE("34"),
    MAGENTA("35"),
    CYAN("36");

    private static final Colour[] FOR_NAMES = {CYAN, YELLOW, GREEN, MAGENTA, BLUE};

    private final String code;

    Colour(String code) {
        this.code = code;
    }

    String paint(String text) {
        return this == NONE || text.isEmpty() ? text : "\u001b[" + code + "m" + text + "\u001b[0m";
    }

    /** For a state of an instance or an app, SPEC section 4. */
    static Colour ofState(String state) {
        return switch (state) {
            case "ready", "up" -> GREEN;
            case "starting", "draining", "backoff", "degraded", "warning" -> YELLOW;
            case "crashed", "blocked", "down", "error" -> RED;
            case "stopped", "completed" -> DIM;
            default -> NONE;
        };
    }

    /** The same for the same name, always. */
    static Colour ofName(String name) {
        return FOR_NAMES[Math.floorMod(name.hashCode(), FOR_NAMES.length)];
    }
}
