package io.bulkhead.host;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** The last words of a program: brought from its pipe to disk first, then read back from there. */
final class LogTails {

    static final int LINES = 20;
    private static final int MOST_BYTES = 16 << 10;

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

    private static void aside(Runnable task) {
        Thread.ofVirtual().name("log-tail").start(task);
    }

    /** The last lines that are on disk now. */
    List<String> read(LogFile file) {
        return LogReader.tail(file.path(), LINES, MOST_BYTES);
    }
}
