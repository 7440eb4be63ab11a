package io.bulkhead.cli;

import java.util.ArrayList;
import java.util.List;

/** Text of unknown origin, made fit for a terminal, and its width there. */
final class Text {

    private Text() {}

    /** Each line of a text of several made safe by itself. */
    static List<String> safeLines(String text) {
        List<String> lines = new ArrayList<>();
        for (String line : text.split("\n", -1)) {
            lines.add(safe(line));
        }
        return lines;
    }

    /** Control characters become visible ({@code \x1b}), so that no app's output or name can steer the terminal. */
    static String safe(String text) {
        return safe(text, false);
    }

    /** Like {@link #safe(String)}, but colours (SGR sequences) pass: for lines of logs. */
    static String safeLine(String text) {
        return safe(text, true);
    }

    /** Columns it takes: two for wide characters of East Asia and emoji, none for marks that combine; no controls in it. */
    static int width(String text) {
        int width = 0;
        int i = 0;
        while (i < text.length()) {
            char c = text.charAt(i);
            if (c == 0x1b) {
                i = afterColour(text, i);
                continue;
            }
            if (c < 0x300) {
                width++;
                i++;
                continue;
            }
            int point = text.codePointAt(i);
            width += width(point);
            i += Character.charCount(point);
        }
        return width;
    }

    /** The beginning of it that fits into {@code columns}, ending with an ellipsis when something is cut off. */
    static String fit(String text, int columns, String ellipsis) {
        if (width(text) <= columns) {
            return text;
        }
        StringBuilder out = new StringBuilder();
        int left = columns - ellipsis.length();
        boolean colour = false;
        for (int i = 0; i < text.length(); ) {
            if (text.charAt(i) == 0x1b) {
                int end = afterColour(text, i);
                out.append(text, i, end);
                colour = true;
                i = end;
                continue;
            }
            int point = text.codePointAt(i);
            left -= width(point);
            if (left < 0) {
                break;
            }
            out.appendCodePoint(point);
            i += Character.charCount(point);
        }
        return columns < ellipsis.length()
                ? ""
                : out.append(colour ? "\u001b[0m" : "").append(ellipsis).toString();
    }

    private static String safe(String text, boolean colours) {
        int i = 0;
        while (i < text.length() && isPlain(text.charAt(i))) {
            i++;
        }
        if (i == text.length()) {
            return text;
        }
        StringBuilder out = new StringBuilder(text.length() + 16).append(text, 0, i);
        while (i < text.length()) {
            char c = text.charAt(i);
            int end = colours && c == 0x1b ? afterColour(text, i) : i + 1;
            if (end > i + 1) {
                out.append(text, i, end);
            } else if (isPlain(c) || (colours && c == '\t')) {
                out.append(c);
            } else if (c == '\t') {
                out.append(' ');
            } else if (c < 0x100) {
                out.append("\\x").append(Character.forDigit(c >> 4, 16)).append(Character.forDigit(c & 15, 16));
            } else {
                out.append("\\u").append(Integer.toHexString(c));
            }
            i = end;
        }
        return out.toString();
    }

    /** Neither a control character nor one that turns the direction of writing around. */
    private static boolean isPlain(char c) {
        if (c < 0x7f) {
            return c >= ' ';
        }
        return c >= 0xa0
                && !(c >= 0x202a && c <= 0x202e)
                && !(c >= 0x2066 && c <= 0x2069)
                && c != 0x2028
                && c != 0x2029;
    }

    /** Where the SGR sequence that begins at {@code i} ends; {@code i + 1} when it is none. */
    private static int afterColour(String text, int i) {
        int end = i + 1;
        if (end >= text.length() || text.charAt(end) != '[') {
            return i + 1;
        }
        end++;
        while (end < text.length()
                && (Character.digit(text.charAt(end), 10) >= 0 || text.charAt(end) == ';' || text.charAt(end) == ':')) {
            end++;
        }
        return end < text.length() && text.charAt(end) == 'm' && end - i < 40 ? end + 1 : i + 1;
    }

    private static int width(int point) {
        if (point < 0x300) {
            return 1;
        }
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK || type == Character.FORMAT) {
            return 0;
        }
        boolean wide = (point >= 0x1100 && point <= 0x115f)
                || (point >= 0x2e80 && point <= 0x303e)
                || (point >= 0x3041 && point <= 0xa4cf)
                || (point >= 0xa960 && point <= 0xa97c)
                || (point >= 0xac00 && point <= 0xd7a3)
                || (point >= 0xf900 && point <= 0xfaff)
                || (point >= 0xfe30 && point <= 0xfe6f)
                || (point >= 0xff01 && point <= 0xff60)
                || (point >= 0xffe0 && point <= 0xffe6)
                || (point >= 0x1f300 && point <= 0x1f64f)
                || (point >= 0x1f680 && point <= 0x1f6ff)
                || (point >= 0x1f900 && point <= 0x1faff)
                || (point >= 0x20000 && point <= 0x3fffd);
        return wide ? 2 : 1;
    }
}
