package io.bulkhead.host;

import java.io.IOException;
import java.util.Optional;

/** Finds the place in a log from which on it must be read. Reads backwards and keeps no lines. Owned by one thread. */
final class LogSearch {

    private static final long WINDOW = 1 << 18;

    private final LogSegments segments;
    private final Optional<LogGrep> grep;

    LogSearch(LogSegments segments, Optional<LogGrep> grep) {
        this.segments = segments;
        this.grep = grep;
    }

    /** @param lines from {@code place} to the end; more than were wanted when they begin in the middle of a window */
    record Found(LogPlace place, long lines) {}

    LogPlace oldest() {
        return new LogPlace(segments.oldest(), 0);
    }

    /** Where what is written from now on will begin. */
    LogPlace end() throws IOException {
        long generation = segments.current();
        try (LogSegment segment = segments.open(generation).orElse(null)) {
            return new LogPlace(generation, segment == null ? 0 : segment.size());
        }
    }

    /** The first line that may have arrived at {@code millis} or later. */
    LogPlace since(long millis) throws IOException {
        for (long generation = segments.current(); generation >= segments.oldest(); generation--) {
            try (LogSegment segment = segments.open(generation).orElse(null)) {
                if (segment == null) {
                    continue;
                }
                Optional<Long> first = segment.index().flatMap(LogIndex.Reader::firstTime);
                if (first.isPresent() && first.get() <= millis) {
                    long offset = segment.index().get().offsetSince(millis);
                    return offset == Long.MAX_VALUE
                            ? new LogPlace(generation + 1, 0)
                            : new LogPlace(generation, lineAt(segment, offset, Long.MAX_VALUE));
                }
                boolean older = segment.rotatedAt()
                        .filter(stamp -> stamp.compareTo(LogSegments.stamp(millis)) < 0)
                        .isPresent();
                if (older) {
                    return new LogPlace(generation + 1, 0);
                }
            }
        }
        return oldest();
    }

    /** A place from which on there are {@code wanted} lines up to {@code end}, or {@code low} when there are fewer. */
    Found last(long wanted, LogPlace low, LogPlace end) throws IOException {
        long lines = 0;
        for (long generation = end.generation(); generation >= low.generation(); generation--) {
            long bottom = generation == low.generation() ? low.offset() : 0;
            try (LogSegment segment = segments.open(generation).orElse(null)) {
                if (segment == null) {
                    continue;
                }
                long top = generation == end.generation() ? end.offset() : segment.size();
                while (top > bottom) {
                    long start = segment.isCompressed() ? bottom : windowBefore(segment, bottom, top);
                    lines += count(generation, start, top);
                    if (lines >= wanted) {
                        return new Found(new LogPlace(generation, start), lines);
                    }
                    top = start;
                }
            }
        }
        return new Found(low, lines);
    }

    private static long windowBefore(LogSegment segment, long bottom, long top) throws IOException {
        for (long start = top - WINDOW; start > bottom; start -= WINDOW) {
            long line = lineAt(segment, start, top);
            if (line < top) {
                return line;
            }
        }
        return bottom;
    }

    private long count(long generation, long from, long to) throws IOException {
        long lines = 0;
        LogPlace end = new LogPlace(generation, to);
        try (LogCursor cursor = new LogCursor(segments, new LogPlace(generation, from), Optional.of(end), grep)) {
            while (cursor.next()) {
                lines++;
            }
        }
        return lines;
    }

    /** The first start of a line at or after {@code offset}; {@code limit} or the end of the file when there is none. */
    private static long lineAt(LogSegment segment, long offset, long limit) throws IOException {
        if (offset == 0) {
            return 0;
        }
        byte[] piece = new byte[1 << 12];
        long at = offset - 1;
        while (at < limit) {
            int count = segment.read(piece, 0, piece.length, at);
            for (int i = 0; i < count; i++) {
                if (piece[i] == '\n') {
                    return at + i + 1;
                }
            }
            if (count <= 0) {
                return at;
            }
            at += count;
        }
        return limit;
    }
}
