package io.bulkhead.host;

import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** The last words of a program: brought from its pipe to disk first, then read back from there. */
final class LogTails {

    static final int LINES = 20;
    private static final int MOST_BYTES = 16 << 10;

    private final LogPump pump;
    private final Worker worker;
    private final DaemonLog log;

    LogTails(LogPump pump, Worker worker, DaemonLog log) {
        this.pump = pump;
        this.worker = worker;
        this.log = log;
    }

    /** Gives the last lines, oldest first, to {@code then} on the worker: stderr's where that is kept apart. */
    void of(Compartment compartment, Consumer<List<String>> then) {
        LogSource source = compartment.logs.getLast();
        try {
            pump.sync(source, () -> worker.execute(() -> then.accept(read(source.file))));
        } catch (IOException stuck) {
            log.warn(compartment.instance + ": " + stuck.getMessage());
            worker.execute(() -> then.accept(List.of()));
        }
    }

    /** The last lines that are on disk now. */
    List<String> read(LogFile file) {
        return LogReader.tail(file.path(), LINES, MOST_BYTES);
    }
}
