package io.bulkhead.api;

import io.bulkhead.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** The answer to one request: either sent whole or streamed. */
public final class HttpResponse {

    private final HttpConnection connection;
    private boolean keepAlive;
    private boolean begun;
    private @Nullable ChunkedOutput stream;

    HttpResponse(HttpConnection connection, boolean keepAlive) {
        this.connection = connection;
        this.keepAlive = keepAlive;
    }

    /** @throws IOException when the client is gone */
    public void send(int status, String type, byte[] body) throws IOException {
        begin(status, type, "Content-Length: " + body.length);
        connection.write(body, 0, body.length);
    }

    /** {@code value} as JSON. */
    public void json(int status, @Nullable Object value) throws IOException {
        send(status, "application/json", (Json.write(value) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * An answer without a known end. What is written is on its way after {@code flush}. The calling thread is interrupted
     * when the client goes away.
     */
    public OutputStream stream(int status, String type) throws IOException {
        interruptWhenClientLeaves();
        begin(status, type, "Transfer-Encoding: chunked");
        ChunkedOutput chunks = new ChunkedOutput(connection);
        stream = chunks;
        return chunks;
    }

    /** For an answer that takes long: the calling thread is interrupted when the client goes away before it. */
    public void interruptWhenClientLeaves() {
        keepAlive = false; // whatever the client sends from here on is read and dropped
        connection.watch(Thread.currentThread());
    }

    boolean begun() {
        return begun;
    }

    /** Ends a stream properly and tells whether the connection may carry another request. */
    boolean finish() throws IOException {
        if (stream != null) {
            stream.close();
        }
        return keepAlive && begun;
    }

    private void begin(int status, String type, String length) throws IOException {
        if (begun) {
            throw new IllegalStateException("answered twice");
        }
        begun = true;
        byte[] head = ("HTTP/1.1 " + status + " " + reason(status) + "\r\nContent-Type: " + type
                        + "\r\nCache-Control: no-store\r\n"
                        + (status == Errors.UNAVAILABLE ? "Retry-After: 1\r\n" : "") + length
                        + (keepAlive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n"))
                .getBytes(StandardCharsets.US_ASCII);
        connection.write(head, 0, head.length);
    }

    private static String reason(int status) {
        return switch (status) {
            case 200 -> "OK";
            case 400 -> "Bad Request";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 405 -> "Method Not Allowed";
            case 409 -> "Conflict";
            case 413 -> "Content Too Large";
            case 431 -> "Request Header Fields Too Large";
            case 501 -> "Not Implemented";
            case 503 -> "Service Unavailable";
            case 505 -> "HTTP Version Not Supported";
            default -> "Error";
        };
    }
}
