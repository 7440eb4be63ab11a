package io.bulkhead.host;

import java.io.IOException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Goes through the lines of one log from a place on, from file to file, also while the log grows and rotates. Memory is bounded: 8
 * KiB, and up to {@link #LONGEST_LINE} where lines are long. Owned by one thread.
 */
final class LogCursor implements AutoCloseable {

    /** What is beyond in a line is left out. */
    static final int LONGEST_LINE = 1 << 16;

    private static final int FIRST_SIZE = 1 << 13;

    private final LogSegments segments;
    private final Optional<LogGrep> grep;
    private Optional<LogPlace> end;
    private boolean whole;
    private long generation;
    private Optional<LogSegment> segment = Optional.empty();

    /** {@code buffer[from, to)} is read and not passed on; {@code searched} of it holds no end of line. */
    private byte[] buffer = new byte[FIRST_SIZE];

    private int from;
    private int to;
    private int searched;

    /** Where in the segment {@code buffer[to]} stands. */
    private long position;

    private boolean skipping;

    private int lineFrom;
    private int lineLength;
    private long time;

    /** @param end where to stop, also in the middle of a line; without it the cursor can always be asked again for more */
    LogCursor(LogSegments segments, LogPlace start, Optional<LogPlace> end, Optional<LogGrep> grep) {
        this.segments = segments;
        this.grep = grep;
        this.end = end;
        generation = start.generation();
        position = start.offset();
    }

    /** Passes on a line only when its end has come: for one who will go on reading. */
    LogCursor wholeLines() {
        whole = true;
        return this;
    }

    /** Goes on beyond the end that was given, for lines that came since. */
    void endless() {
        end = Optional.empty();
    }

    /** Finds the next line that is wanted, or says that there is none now. */
    boolean next() throws IOException {
        while (line()) {
            if (grep.isEmpty() || grep.get().finds(buffer, lineFrom, lineLength)) {
                return true;
            }
        }
        return false;
    }

    /** Bytes that {@link #lineFrom} and {@link #lineLength} speak of; valid until the next call of {@link #next}. */
    byte[] text() {
        return buffer;
    }

    int lineFrom() {
        return lineFrom;
    }

    int lineLength() {
        return lineLength;
    }

    /** When the line arrived: its own stamp, else what the index knows (a second early at most); ms since 1970, 0: unknown. */
    long time() {
        long stamp = LogLines.timeOf(buffer, lineFrom, lineLength);
        return stamp >= 0 ? stamp : time;
    }

    @Override
    public void close() {
        segment.ifPresent(LogSegment::close);
        segment = Optional.empty();
    }

    private boolean line() throws IOException {
        while (true) {
            while (searched < to && buffer[searched] != '\n') {
                searched++;
            }
            if (searched < to) {
                int start = from;
                from = ++searched;
                if (skipping) {
                    skipping = false;
                    continue;
                }
                return found(start, searched - 1 - start);
            }
            if (skipping) {
                from = to;
            } else if (to - from >= LONGEST_LINE) {
                int start = from;
                skipping = true;
                from = to;
                return found(start, LONGEST_LINE);
            }
            if (!fill()) {
                return rest();
            }
        }
    }

    private boolean found(int start, int length) {
        lineFrom = start;
        lineLength = length;
        if (segment.isPresent() && segment.get().index().isPresent()) {
            long known = segment.get().index().get().timeAt(position - (to - start));
            time = known > 0 ? known : time;
        }
        return true;
    }

    /** What has no end of line at the end that was given. */
    private boolean rest() {
        if (whole || end.isEmpty() || to == from) {
            return false;
        }
        int start = from;
        from = to;
        return found(start, to - start);
    }

    /** Gets more bytes from wherever they are by now. */
    private boolean fill() throws IOException {
        boolean newer = false;
        while (true) {
            if (end.isPresent() && new LogPlace(generation, position).compareTo(end.get()) >= 0) {
                return false;
            }
            if (segments.isEmptied(generation)) {
                forward();
                continue;
            }
            if (segment.isEmpty()) {
                segment = segments.open(generation);
            }
            if (segment.isPresent() && read(segment.get())) {
                return true;
            }
            if (generation >= segments.current()) {
                return false;
            }
            if (newer || segment.isEmpty()) {
                forward();
                newer = false;
            } else {
                newer = true; // what came between the read and the rotation is read first
            }
        }
    }

    private boolean read(LogSegment in) throws IOException {
        makeRoom();
        long most = buffer.length - to;
        if (end.isPresent() && end.get().generation() == generation) {
            most = Math.min(most, end.get().offset() - position);
        }
        int count = in.read(buffer, to, (int) most, position);
        if (count <= 0) {
            return false;
        }
        to += count;
        position += count;
        return true;
    }

    private void makeRoom() {
        if (from == to) {
            from = 0;
            to = 0;
            searched = 0;
        } else if (to == buffer.length && from > 0) {
            System.arraycopy(buffer, from, buffer, 0, to - from);
            to -= from;
            searched -= from;
            from = 0;
        }
        if (to == buffer.length) {
            buffer = Arrays.copyOf(buffer, 2 * buffer.length);
        }
    }

    private void forward() {
        close();
        generation = Math.max(generation + 1, segments.oldest());
        position = 0;
    }
}
