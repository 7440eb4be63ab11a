package io.bulkhead.host;

import java.io.IOException;

/** Takes lines out of logs. */
interface LogSink {

    /**
     * @param input which of the reader's files it comes from, from 0
     * @param text valid only during the call; the line without its end, cut at {@link LogCursor#LONGEST_LINE}
     */
    void line(int input, byte[] text, int offset, int length) throws IOException;

    /** Nothing more comes for now. */
    default void flush() throws IOException {}
}
