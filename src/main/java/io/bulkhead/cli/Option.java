package io.bulkhead.cli;

/**
 * One option of a command.
 *
 * @param name long name without dashes
 * @param letter short name without dash, or "" without one
 * @param value what stands for its value in the help, such as FILE; "" for a flag; one that ends with {@code ...} may come several times
 * @param help one line
 */
record Option(String name, String letter, String value, String help) {

    boolean isFlag() {
        return value.isEmpty();
    }

    boolean isRepeatable() {
        return value.endsWith("...");
    }

    /** As a user writes it: {@code -f, --file FILE}. */
    String written() {
        return (letter.isEmpty() ? "" : "-" + letter + ", ") + "--" + name + (value.isEmpty() ? "" : " " + value);
    }
}
