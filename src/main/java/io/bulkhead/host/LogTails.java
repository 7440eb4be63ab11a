package io.bulkhead.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** The last words of a program: brought from its pipe to disk first, then read back from there. */
final class LogTails {

    static final int LINES = 20;
    private static final int MOST_BYTES = 16 << 10;
    private static final int RECENT_LINES = 400;
    private static final int RECENT_BYTES = 64 << 10;
    private static final int MARKED_LINES = 5;
    /** The app goes on writing while its hook does. */
    private static final int MARKED_AMONG = 200;

    private final LogPump pump;
    private final DaemonLog log;

    LogTails(LogPump pump, DaemonLog log) {
        this.pump = pump;
        this.log = log;
    }

    /** {@code run} writes no more: what comes from now on is the next one's. Returns at once. */
    void ended(LiveRun run) {
        LogSource source = source(run.home());
        try {
            pump.sync(source, () -> {
                LogPlace end = source.file.place();
                run.output = Optional.of(new LogSpan(source.from, end));
                source.from = end;
            });
        } catch (IOException stuck) {
            log.warn(run.instance + ": " + stuck.getMessage());
        }
    }

    /**
     * Gives the last lines of a run that has {@link #ended}, oldest first, to {@code then} on a thread of its own, for which no start waits: stderr's
     * where that is kept apart.
     */
    void of(LiveRun run, Consumer<List<String>> then) {
        LogSource source = source(run.home());
        after(
                source,
                () -> then.accept(
                        run.output.map(span -> read(source.file, run, span)).orElse(List.of())));
    }

    /** Likewise of a run that may still live. */
    void soFar(LiveRun run, Consumer<List<String>> then) {
        if (run.output.isPresent()) {
            of(run, then);
            return;
        }
        LogSource source = source(run.home());
        after(source, () -> {
            LogSpan span = run.output.orElseGet(() -> new LogSpan(source.from, source.file.place()));
            then.accept(read(source.file, run, span));
        });
    }

    /**
     * Gives what a living run has written since a place, at most some hundred lines, and the place where that ends.
     *
     * @param from empty: since its start
     */
    void since(LiveRun run, Optional<LogPlace> from, BiConsumer<List<String>, LogPlace> then) {
        LogSource source = source(run.home());
        after(source, () -> {
            LogPlace end = source.file.place();
            LogPlace start = from.filter(place -> place.compareTo(end) <= 0).orElse(source.from);
            then.accept(LogReader.tail(source.file.segments(), start, end, RECENT_LINES, RECENT_BYTES), end);
        });
    }

    /** Likewise the last lines that carry the mark of the compartment's log, without it. */
    void marked(Compartment compartment, Consumer<List<String>> then) {
        LogSource source = source(compartment);
        after(source, () -> then.accept(marked(source)));
    }

    /** Any thread. */
    private List<String> read(LogFile file, LiveRun run, LogSpan span) {
        LogPlace from = span.from();
        if (run.adoptedSince > 0) {
            try {
                from = new LogSearch(file.segments(), Optional.empty()).since(run.adoptedSince);
            } catch (IOException unreadable) {
                log.warn(run.instance + ": " + unreadable.getMessage());
            }
        }
        return LogReader.tail(file.segments(), from, span.end(), LINES, MOST_BYTES);
    }

    private static List<String> marked(LogSource source) {
        String mark = new String(source.mark, StandardCharsets.UTF_8);
        List<String> lines = new ArrayList<>();
        try {
            LogPlace end = new LogSearch(source.file.segments(), Optional.empty()).end();
            for (String line : LogReader.tail(source.file.segments(), source.from, end, MARKED_AMONG, MOST_BYTES)) {
                int from = line.startsWith(mark) ? 0 : LogLines.STAMP;
                if (line.startsWith(mark, from)) {
                    lines.add(line.substring(from + mark.length()));
                }
            }
        } catch (IOException unreadable) {
            lines.add("(the log cannot be read: " + unreadable.getMessage() + ")");
        }
        return lines.subList(Math.max(0, lines.size() - MARKED_LINES), lines.size());
    }

    private static LogSource source(Compartment compartment) {
        return compartment.logs.getLast();
    }

    /** On a thread of its own, when what is in the pipe now is on disk. */
    private void after(LogSource source, Runnable task) {
        try {
            pump.sync(source, () -> aside(task));
        } catch (IOException stuck) {
            log.warn(source + ": " + stuck.getMessage());
            aside(task);
        }
    }

    private static void aside(Runnable task) {
        Thread.ofVirtual().name("log-tail").start(task);
    }
}
