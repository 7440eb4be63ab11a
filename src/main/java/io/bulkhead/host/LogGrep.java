package io.bulkhead.host;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** Looks for a regular expression in lines. One that runs wild on a line ({@code (a+)+b}) finds nothing there instead of hanging. */
final class LogGrep {

    /** Characters the expression may look at in one line: some ten milliseconds. */
    private static final int MOST_STEPS = 2_000_000;

    private final Pattern pattern;

    LogGrep(Pattern pattern) {
        this.pattern = pattern;
    }

    boolean finds(byte[] text, int offset, int length) {
        try {
            return pattern.matcher(new Limited(new String(text, offset, length, StandardCharsets.UTF_8)))
                    .find();
        } catch (TooManySteps | StackOverflowError wild) {
            return false;
        }
    }

    private static final class Limited implements CharSequence {

        private final String text;
        private int steps;

        Limited(String text) {
            this.text = text;
        }

        @Override
        public int length() {
            return text.length();
        }

        @Override
        public char charAt(int index) {
            if (++steps > MOST_STEPS) {
                throw new TooManySteps();
            }
            return text.charAt(index);
        }

        @Override
        public CharSequence subSequence(int start, int end) {
            return text.substring(start, end);
        }

        @Override
        public String toString() {
            return text;
        }
    }

    private static final class TooManySteps extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManySteps() {
            super("", null, false, false);
        }
    }
}
