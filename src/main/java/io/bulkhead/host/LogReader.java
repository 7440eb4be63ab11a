package io.bulkhead.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads one or several logs as one: the lines of all files in the order of their times, then, if wanted, what is written from then on,
 * woken by the pump. Used by one thread; {@link #stop} by any.
 */
final class LogReader {

    private final List<? extends ReadableLog> files;
    private final LogQuery query;
    private final Optional<LogGrep> grep;
    private final LogSignal signal = new LogSignal();
    private volatile boolean stopped;

    LogReader(List<? extends ReadableLog> files, LogQuery query) {
        this.files = List.copyOf(files);
        this.query = query;
        grep = query.grep().map(LogGrep::new);
    }

    /** Passes on what is asked for. With {@code follow} returns only after {@link #stop}, or when {@code sink} fails. */
    void copyTo(LogSink sink) throws IOException, InterruptedException {
        List<LogCursor> cursors = new ArrayList<>();
        try {
            if (query.follow()) {
                files.forEach(file -> file.watch(signal));
            }
            List<LogSegments> logs = new ArrayList<>();
            for (ReadableLog file : files) {
                logs.add(file.segments());
            }
            backlog(logs, query, grep, cursors, sink);
            sink.flush();
            if (query.follow()) {
                follow(cursors, sink);
            }
        } finally {
            files.forEach(file -> file.unwatch(signal));
            cursors.forEach(LogCursor::close);
        }
    }

    /** Ends following. Any thread. */
    void stop() {
        stopped = true;
        signal.raise();
    }

    /**
     * The last {@code lines} of {@code log} between two places, oldest first, together no more than {@code maxBytes} (the oldest go first, then
     * the end of a long line): what an incident keeps as evidence. An unreadable log gives what could be read.
     */
    static List<String> tail(LogSegments log, LogPlace from, LogPlace end, int lines, int maxBytes) {
        ArrayDeque<String> tail = new ArrayDeque<>();
        try {
            LogSearch.Found found = new LogSearch(log, Optional.empty()).last(lines, from, end);
            try (LogCursor cursor = new LogCursor(log, found.place(), Optional.of(end), Optional.empty())) {
                int used = 0;
                while (cursor.next()) {
                    int kept = Math.min(cursor.lineLength(), maxBytes);
                    tail.add(new String(cursor.text(), cursor.lineFrom(), kept, StandardCharsets.UTF_8));
                    used += kept;
                    while (used > maxBytes || tail.size() > lines) {
                        used -= tail.remove().getBytes(StandardCharsets.UTF_8).length;
                    }
                }
            }
        } catch (IOException unreadable) {
            tail.add("(the log cannot be read: " + unreadable.getMessage() + ")");
        }
        return List.copyOf(tail);
    }

    private static void backlog(
            List<LogSegments> logs, LogQuery query, Optional<LogGrep> grep, List<LogCursor> cursors, LogSink sink)
            throws IOException {
        long lines = 0;
        for (LogSegments log : logs) {
            LogSearch search = new LogSearch(log, grep);
            LogPlace end = search.end();
            LogPlace start =
                    query.since().isPresent() ? search.since(query.since().getAsLong()) : search.oldest();
            if (query.last().isPresent()) {
                LogSearch.Found found = search.last(query.last().getAsInt(), start, end);
                start = found.place();
                lines += found.lines();
            }
            LogCursor cursor = new LogCursor(log, start, Optional.of(end), grep);
            cursors.add(query.follow() ? cursor.wholeLines() : cursor);
        }
        merge(cursors, query.last().isPresent() ? lines - query.last().getAsInt() : 0, sink);
    }

    /** Passes on all there is now by time, but for the first {@code skipped} lines. */
    private static void merge(List<LogCursor> cursors, long skipped, LogSink sink) throws IOException {
        boolean[] has = new boolean[cursors.size()];
        for (int i = 0; i < has.length; i++) {
            has[i] = cursors.get(i).next();
        }
        long skip = skipped;
        for (int first = earliest(cursors, has); first >= 0; first = earliest(cursors, has)) {
            LogCursor cursor = cursors.get(first);
            if (skip > 0) {
                skip--;
            } else {
                sink.line(first, cursor.text(), cursor.lineFrom(), cursor.lineLength());
            }
            has[first] = cursor.next();
        }
    }

    private static int earliest(List<LogCursor> cursors, boolean[] has) {
        int first = -1;
        for (int i = 0; i < has.length; i++) {
            if (has[i]
                    && (first < 0 || cursors.get(i).time() < cursors.get(first).time())) {
                first = i;
            }
        }
        return first;
    }

    private void follow(List<LogCursor> cursors, LogSink sink) throws IOException, InterruptedException {
        cursors.forEach(LogCursor::endless);
        while (!stopped) {
            boolean any = false;
            for (int i = 0; i < cursors.size(); i++) {
                LogCursor cursor = cursors.get(i);
                while (!stopped && cursor.next()) {
                    sink.line(i, cursor.text(), cursor.lineFrom(), cursor.lineLength());
                    any = true;
                }
            }
            if (any) {
                sink.flush();
            }
            if (!stopped) {
                signal.await();
            }
        }
    }
}
