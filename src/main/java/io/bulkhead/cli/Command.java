package io.bulkhead.cli;

import java.util.List;

/**
 * One command as the help, the manual, the completion and the parser know it.
 *
 * @param aliases other names that do the same
 * @param arguments as in the help: {@code APP...}, {@code [APP]}
 * @param least fewest arguments it takes
 * @param most most arguments it takes
 * @param summary one line without a full stop
 * @param details further sentences for {@code --help} and the manual, may be empty
 * @param options its own, besides {@link Commands#GLOBAL}
 * @param group where the overview lists it
 */
record Command(
        String name,
        List<String> aliases,
        String arguments,
        int least,
        int most,
        String summary,
        String details,
        List<Option> options,
        Group group) {

    /** Parts of the overview, in its order. */
    enum Group {
        RUN("Run"),
        LOOK("Look"),
        CONFIGURE("Configure"),
        SHELL("Shell"),
        LATER("Not available yet"),
        HIDDEN("");

        private final String title;

        Group(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }
    }

    boolean isCalled(String word) {
        return name.equals(word) || aliases.contains(word);
    }
}
