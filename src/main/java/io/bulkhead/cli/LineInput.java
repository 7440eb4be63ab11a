package io.bulkhead.cli;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Lines of a stream, without their ends; one that is longer than allowed comes in pieces. */
final class LineInput {

    private final InputStream in;
    private final byte[] buffer;
    private int from;
    private int to;

    LineInput(InputStream in, int longest) {
        this.in = in;
        this.buffer = new byte[longest];
    }

    /** The next line, or null at the end of the stream. */
    byte @Nullable [] next() throws IOException {
        int searched = from;
        while (true) {
            for (int i = searched; i < to; i++) {
                if (buffer[i] == '\n') {
                    byte[] line = Arrays.copyOfRange(buffer, from, i);
                    from = i + 1;
                    return line;
                }
            }
            if (to - from == buffer.length) {
                return rest();
            }
            if (from > 0) {
                System.arraycopy(buffer, from, buffer, 0, to - from);
                to -= from;
                from = 0;
            }
            searched = to;
            int count = in.read(buffer, to, buffer.length - to);
            if (count < 0) {
                return to > from ? rest() : null;
            }
            to += count;
        }
    }

    /** Whether a further whole line is here already. */
    boolean more() {
        for (int i = from; i < to; i++) {
            if (buffer[i] == '\n') {
                return true;
            }
        }
        return false;
    }

    private byte[] rest() {
        byte[] rest = Arrays.copyOfRange(buffer, from, to);
        from = to;
        return rest;
    }
}
