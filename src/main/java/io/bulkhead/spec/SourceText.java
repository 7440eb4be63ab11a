package io.bulkhead.spec;

import java.util.Arrays;
import java.util.Optional;

/** One file's text and its lines, so that a problem can show the line it stands in. */
final class SourceText {

    /** A line beyond this is not shown: a hundred problems may each hold theirs. */
    private static final int LONGEST_LINE = 4096;

    private final String name;
    private final String text;
    private int[] starts = {};

    SourceText(String name, String text) {
        this.name = name;
        this.text = text;
    }

    /** The file as the user named it. */
    String name() {
        return name;
    }

    String text() {
        return text;
    }

    /** A line from 1, without its end; empty where there is none or it is too long to show. */
    Optional<String> line(int number) {
        if (starts.length == 0) {
            starts = findLines();
        }
        if (number < 1 || number > starts.length) {
            return Optional.empty();
        }
        int from = starts[number - 1];
        int end = number < starts.length ? starts[number] : text.length();
        while (end > from && (text.charAt(end - 1) == '\n' || text.charAt(end - 1) == '\r')) {
            end--;
        }
        return end - from > LONGEST_LINE ? Optional.empty() : Optional.of(text.substring(from, end));
    }

    Place start() {
        return new Place(this, 1, 1);
    }

    /** The place of a char of the text. */
    Place at(int offset) {
        if (starts.length == 0) {
            starts = findLines();
        }
        int found = Arrays.binarySearch(starts, offset);
        int line = found >= 0 ? found : -found - 2;
        return new Place(this, line + 1, text.codePointCount(starts[line], offset) + 1);
    }

    /** Where a line begins in the text. */
    int offsetOfLine(int number) {
        if (starts.length == 0) {
            starts = findLines();
        }
        return starts[Math.clamp(number, 1, starts.length) - 1];
    }

    private int[] findLines() {
        int[] found = new int[64];
        int count = 1;
        for (int at = 0; at < text.length(); at++) {
            char c = text.charAt(at);
            boolean ends = c == '\n' || (c == '\r' && !(at + 1 < text.length() && text.charAt(at + 1) == '\n'));
            if (ends) {
                if (count == found.length) {
                    found = Arrays.copyOf(found, count * 2);
                }
                found[count] = at + 1;
                count++;
            }
        }
        return Arrays.copyOf(found, count);
    }

    /**
     * Where something stands.
     *
     * @param line from 1
     * @param column from 1, in code points
     */
    record Place(SourceText source, int line, int column) {

        /** The same line, further right. */
        Place right(int codePoints) {
            return new Place(source, line, column + codePoints);
        }

        /** For a second place named in a message. */
        String shown() {
            return source.name + ":" + line;
        }
    }
}
