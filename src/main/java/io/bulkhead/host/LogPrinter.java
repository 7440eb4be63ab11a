package io.bulkhead.host;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Prints lines as they are, each behind the prefix of the log it comes from. Bytes are not made fit for a terminal here. */
final class LogPrinter implements LogSink {

    private static final int CHUNK = 1 << 13;

    private final OutputStream out;
    private final List<byte[]> prefixes = new ArrayList<>();
    private final byte[] chunk = new byte[CHUNK];
    private int used;

    /** @param prefixes one for each log, such as {@code api/0| }; empty ones print nothing */
    LogPrinter(OutputStream out, List<String> prefixes) {
        this.out = out;
        for (String prefix : prefixes) {
            this.prefixes.add(prefix.getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    public void line(int input, byte[] text, int offset, int length) throws IOException {
        byte[] prefix = prefixes.get(input);
        put(prefix, 0, prefix.length);
        put(text, offset, length);
        if (used == CHUNK) {
            pass();
        }
        chunk[used++] = '\n';
    }

    @Override
    public void flush() throws IOException {
        pass();
        out.flush();
    }

    private void put(byte[] bytes, int offset, int length) throws IOException {
        if (length > CHUNK - used) {
            pass();
        }
        if (length > CHUNK) {
            out.write(bytes, offset, length);
        } else {
            System.arraycopy(bytes, offset, chunk, used, length);
            used += length;
        }
    }

    private void pass() throws IOException {
        out.write(chunk, 0, used);
        used = 0;
    }
}
