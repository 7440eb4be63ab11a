package io.bulkhead.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The last words of a program: brought from its pipe to disk first, then read back from there. */
final class LogTails {

    static final int LINES = 20;
    private static final int MOST_BYTES = 16 << 10;
    private static final int MARKED_LINES = 5;
    /** The app goes on writing while its hook does. */
    private static final int MARKED_AMONG = 200;

    private final LogPump pump;
    private final DaemonLog log;

    LogTails(LogPump pump, DaemonLog log) {
        this.pump = pump;
        this.log = log;
    }

    /** Gives the last lines, oldest first, to {@code then} on a thread of its own, for which no start waits: stderr's where that is kept apart. */
    void of(Compartment compartment, Consumer<List<String>> then) {
        LogSource source = compartment.logs.getLast();
        try {
            pump.sync(source, () -> aside(() -> then.accept(read(source.file))));
        } catch (IOException stuck) {
            log.warn(compartment.instance + ": " + stuck.getMessage());
            aside(() -> then.accept(List.of()));
        }
    }

    /** Likewise the last lines that carry the mark of the compartment's log, without it. */
    void marked(Compartment compartment, Consumer<List<String>> then) {
        LogSource source = compartment.logs.getLast();
        String mark = new String(source.mark, StandardCharsets.UTF_8);
        try {
            pump.sync(source, () -> aside(() -> then.accept(marked(source.file, mark))));
        } catch (IOException stuck) {
            log.warn(compartment.instance + ": " + stuck.getMessage());
            aside(() -> then.accept(List.of()));
        }
    }

    private static List<String> marked(LogFile file, String mark) {
        List<String> lines = new ArrayList<>();
        for (String line : LogReader.tail(file.path(), MARKED_AMONG, MOST_BYTES)) {
            int from = line.startsWith(mark) ? 0 : LogLines.STAMP;
            if (line.startsWith(mark, from)) {
                lines.add(line.substring(from + mark.length()));
            }
        }
        return lines.subList(Math.max(0, lines.size() - MARKED_LINES), lines.size());
    }

    private static void aside(Runnable task) {
        Thread.ofVirtual().name("log-tail").start(task);
    }

    /** The last lines that are on disk now. */
    List<String> read(LogFile file) {
        return LogReader.tail(file.path(), LINES, MOST_BYTES);
    }
}
