package io.bulkhead.cli;

import java.util.List;
import java.util.Map;

/**
 * A command line, understood.
 *
 * @param options by long name; the value of a flag is ""
 * @param beforeDashes how many of the arguments stood before {@code --}; all where there was none
 */
record Parsed(Command command, Map<String, String> options, List<String> arguments, int beforeDashes) {

    boolean has(String option) {
        return options.containsKey(option);
    }

    /** The value of an option, or {@code otherwise}. */
    String value(String option, String otherwise) {
        return options.getOrDefault(option, otherwise);
    }

    /** The first argument, or "". */
    String first() {
        return arguments.isEmpty() ? "" : arguments.getFirst();
    }

    /** The value of an option as a whole number within bounds. */
    int number(String option, int otherwise, int least, int most) throws UsageException {
        String text = value(option, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below, like a number out of bounds.
        }
        throw new UsageException("--" + option + " " + text + ": write a number from " + least + " to " + most, "");
    }
}
