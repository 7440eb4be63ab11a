package io.bulkhead.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** The body of a streamed answer: gathers up to 8 KiB, and makes a chunk of them when full or flushed. */
final class ChunkedOutput extends OutputStream {

    private static final int SIZE = 8 << 10;

    private final HttpConnection connection;
    private final byte[] buffer = new byte[SIZE];
    private int filled;
    private boolean closed;

    ChunkedOutput(HttpConnection connection) {
        this.connection = connection;
    }

    @Override
    public void write(int b) throws IOException {
        if (filled == SIZE) {
            flush();
        }
        buffer[filled++] = (byte) b;
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        int done = 0;
        while (done < length) {
            if (filled == SIZE) {
                flush();
            }
            int part = Math.min(length - done, SIZE - filled);
            System.arraycopy(bytes, from + done, buffer, filled, part);
            filled += part;
            done += part;
        }
    }

    @Override
    public void flush() throws IOException {
        if (filled > 0) {
            byte[] size = (Integer.toHexString(filled) + "\r\n").getBytes(StandardCharsets.US_ASCII);
            byte[] chunk = new byte[size.length + filled + 2];
            System.arraycopy(size, 0, chunk, 0, size.length);
            System.arraycopy(buffer, 0, chunk, size.length, filled);
            chunk[chunk.length - 2] = '\r';
            chunk[chunk.length - 1] = '\n';
            filled = 0;
            connection.write(chunk, 0, chunk.length);
        }
    }

    @Override
    public void close() throws IOException {
        if (!closed) {
            closed = true;
            flush();
            byte[] end = {'0', '\r', '\n', '\r', '\n'};
            connection.write(end, 0, end.length);
        }
    }
}
