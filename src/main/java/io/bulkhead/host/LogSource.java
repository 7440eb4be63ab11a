package io.bulkhead.host;

import java.nio.file.Path;

/** One pipe whose bytes go into a log file. Made once for each time it is attached; its state belongs to the pump's thread. */
final class LogSource {

    final Path fifo;
    final LogFile file;
    final LogLines lines = new LogLines();
    int pipe = -1;

    /**
     * @param fifo named pipe that someone else holds open for writing
     * @param file where its bytes go; several sources may share one
     */
    LogSource(Path fifo, LogFile file) {
        this.fifo = fifo;
        this.file = file;
    }

    Path fifo() {
        return fifo;
    }

    @Override
    public String toString() {
        return fifo + " -> " + file.path();
    }
}
