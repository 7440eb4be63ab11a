package io.bulkhead.spec;

import io.bulkhead.spec.SourceText.Place;

/** Says in a user's words what the YAML parser stumbled over. */
final class YamlMistake {

    private YamlMistake() {}

    static void report(String said, Place place, Problems problems) {
        String line = place.source().line(place.line()).orElse("");
        if (tabIndents(line)) {
            problems.error(
                    place.source().at(place.source().offsetOfLine(place.line()) + line.indexOf('\t')),
                    "a tab cannot indent YAML",
                    "use spaces");
            return;
        }
        boolean variable = said.contains("but got {") && line.contains("${");
        problems.error(
                place,
                "this is not YAML: " + Words.shown(said),
                variable ? "inside [ ] and { }, put ${…} into quotes" : hint(said));
    }

    private static boolean tabIndents(String line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.charAt(i) == '\t') {
                return true;
            }
            if (line.charAt(i) != ' ') {
                return false;
            }
        }
        return false;
    }

    private static String hint(String said) {
        if (said.contains("mapping values are not allowed")) {
            return "quote a value that holds \": \", or check this line's indentation";
        }
        if (said.contains("block end") || said.contains("could not find expected ':'")) {
            return "check the indentation of this line and the one above, and that every key ends with a colon";
        }
        if (said.contains("quoted scalar")) {
            return "a quote is opened and not closed";
        }
        if (said.contains("cannot start any token")) {
            return "put the value in quotes";
        }
        return "check the indentation, the colons and the quotes here and in the line above";
    }
}
