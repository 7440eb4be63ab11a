package io.bulkhead.api;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The daemon's answer; closing it ends the connection. */
public final class Reply implements AutoCloseable {

    private final int status;
    private final InputStream connection;
    private final InputStream body;

    private Reply(int status, InputStream connection, InputStream body) {
        this.status = status;
        this.connection = connection;
        this.body = body;
    }

    static Reply read(InputStream connection) throws IOException {
        String start = line(connection);
        if (!start.startsWith("HTTP/1.1 ") || start.length() < 12) {
            throw new IOException("the daemon's answer is not HTTP: " + start);
        }
        int status = Integer.parseInt(start, 9, 12, 10);
        long length = -1;
        boolean chunked = false;
        for (String line = line(connection); !line.isEmpty(); line = line(connection)) {
            if (line.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Long.parseLong(line.substring(15).strip());
            } else if (line.regionMatches(true, 0, "transfer-encoding:", 0, 18)) {
                chunked = true;
            }
        }
        return new Reply(status, connection, new BodyInput(connection, length, chunked));
    }

    public int status() {
        return status;
    }

    /** The body, decoded from its chunks. */
    public InputStream body() {
        return body;
    }

    /** The whole body as JSON. */
    public @Nullable Object json() throws IOException {
        try {
            return Json.readTrusted(new String(body.readAllBytes(), StandardCharsets.UTF_8));
        } catch (JsonException e) {
            throw new IOException("the daemon's answer is not JSON: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (line.length() < 16 << 10) {
            int b = in.read();
            if (b < 0) {
                throw new EOFException("the daemon ended the connection");
            }
            if (b == '\n') {
                return line.toString();
            }
            if (b != '\r') {
                line.append((char) b);
            }
        }
        throw new IOException("the daemon's answer has a line without an end");
    }

    /** A body of known length, or of chunks. */
    private static final class BodyInput extends InputStream {

        private final InputStream in;
        private final boolean chunked;
        private long left;
        private boolean ended;

        BodyInput(InputStream in, long length, boolean chunked) {
            this.in = in;
            this.chunked = chunked;
            this.left = chunked ? 0 : length < 0 ? Long.MAX_VALUE : length;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 255;
        }

        @Override
        public int read(byte[] bytes, int from, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (left == 0 && chunked && !ended) {
                nextChunk();
            }
            if (left == 0 || ended) {
                return -1;
            }
            int count = in.read(bytes, from, (int) Math.min(length, left));
            if (count < 0) {
                if (chunked || left != Long.MAX_VALUE) {
                    throw new EOFException("the daemon ended the connection in the middle of an answer");
                }
                return -1;
            }
            left -= count;
            if (left == 0 && chunked) {
                line(in);
            }
            return count;
        }

        private void nextChunk() throws IOException {
            left = Long.parseLong(line(in), 16);
            ended = left == 0;
        }
    }
}
