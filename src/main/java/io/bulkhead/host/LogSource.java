package io.bulkhead.host;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One pipe whose bytes go into a log file. Made once for each time it is attached; its state belongs to the pump's thread. */
final class LogSource {

    final Path fifo;
    final LogFile file;
    /** What each of its lines begins with, so that it can be told from the file's others; empty: nothing. */
    final byte[] mark;

    final LogLines lines = new LogLines();
    int pipe = -1;
    /** Where the output of the present run begins. */
    LogPlace from = new LogPlace(0, 0);

    /**
     * @param fifo named pipe that someone else holds open for writing
     * @param file where its bytes go; several sources may share one
     */
    LogSource(Path fifo, LogFile file) {
        this(fifo, file, "");
    }

    /** @param mark what each line begins with */
    LogSource(Path fifo, LogFile file, String mark) {
        this.fifo = fifo;
        this.file = file;
        this.mark = mark.getBytes(StandardCharsets.UTF_8);
    }

    Path fifo() {
        return fifo;
    }

    @Override
    public String toString() {
        return fifo + " -> " + file.path();
    }
}
