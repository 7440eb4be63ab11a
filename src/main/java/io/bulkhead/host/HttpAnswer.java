package io.bulkhead.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * One answer of an HTTP/1 server, read until it ends or there is enough of it: a head of 16 KiB and 64 KiB of its body at the most. The body is read so that
 * an app does not meet a connection that breaks off in the middle of its answer; of what it says only the first line is kept.
 */
final class HttpAnswer {

    private static final int MOST_HEAD = 16 << 10;
    private static final int MOST_BODY = 64 << 10;
    private static final int MOST_INTERIM = 8;
    private static final int MOST_SHOWN = 160;
    private static final int KEPT = 1024;

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(4096).limit(0);
    private final StringBuilder head = new StringBuilder();
    private final StringBuilder body = new StringBuilder();
    private String lastBytes = "";
    private int status;
    private boolean cutShort;
    private String garbage = "";

    HttpAnswer(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /**
     * Reads it all.
     *
     * @throws IOException the connection ended or broke before the head was whole, or it is no HTTP, which {@link #garbage} then shows
     */
    void read() throws IOException {
        readHead();
        // 100 Continue, 103 Early Hints: the answer itself follows (RFC 9110, 15.2).
        for (int interim = 0; status < 200 && status != 101; interim++) {
            if (interim == MOST_INTERIM) {
                throw new IOException("it sends nothing but interim answers");
            }
            readHead();
        }
        readBody();
    }

    /** Of the head, 100 to 599; 0 while it is not there. */
    int status() {
        return status;
    }

    /** Whether the connection ended before the length that the head tells. */
    boolean cutShort() {
        return cutShort;
    }

    /** Where a redirect leads, shortened. */
    String location() {
        return shown(header("location"));
    }

    /** The first line of the body that is not empty, shortened, without control characters. */
    String firstLine() {
        String text = body.toString();
        if (header("transfer-encoding").toLowerCase(Locale.ROOT).endsWith("chunked")) {
            text = text.substring(text.indexOf('\n') + 1);
        }
        for (String line : text.split("\n", 5)) {
            if (!line.isBlank()) {
                return shown(Masking.withoutPassword(line.strip()));
            }
        }
        return "";
    }

    /** What stands where a status line should, shortened; empty: a status line. */
    String garbage() {
        return garbage;
    }

    private void readHead() throws IOException {
        head.setLength(0);
        boolean statusLine = true;
        while (head.length() < MOST_HEAD) {
            if (!buffer.hasRemaining() && !fill()) {
                throw ended();
            }
            head.append((char) (buffer.get() & 0xff));
            if (head.length() == 5 && head.indexOf("HTTP/") != 0) {
                throw noHttp();
            }
            if (head.charAt(head.length() - 1) == '\n') {
                if (statusLine && parsedStatus() == 0) {
                    throw noHttp();
                }
                statusLine = false;
                if (isWhole()) {
                    status = parsedStatus();
                    return;
                }
            }
        }
        throw new IOException("the head of the answer is longer than 16 KiB");
    }

    private IOException ended() {
        if (head.isEmpty()) {
            return new IOException("the connection was closed without an answer");
        }
        return head.indexOf("HTTP/") == 0
                ? new IOException("the connection was closed in the middle of the answer's head")
                : noHttp();
    }

    /** Blank line or not: a bare line feed ends a line too (RFC 9112, 2.2). */
    private boolean isWhole() {
        int length = head.length();
        return (length >= 4 && head.lastIndexOf("\r\n\r\n") == length - 4)
                || (length >= 2 && head.lastIndexOf("\n\n") == length - 2);
    }

    /** {@code HTTP/1.1 200 OK}; 0 where it is none. */
    private int parsedStatus() {
        int blank = head.indexOf(" ");
        if (head.indexOf("HTTP/1.") != 0 || blank != 8 || head.length() < 13) {
            return 0;
        }
        int value = 0;
        for (int at = 9; at < 12; at++) {
            int digit = head.charAt(at) - '0';
            if (digit < 0 || digit > 9) {
                return 0;
            }
            value = value * 10 + digit;
        }
        boolean ends = head.charAt(12) == ' ' || head.charAt(12) == '\r' || head.charAt(12) == '\n';
        return ends && value >= 100 && value <= 599 ? value : 0;
    }

    private IOException noHttp() {
        while (buffer.hasRemaining() && head.indexOf("\n") < 0) {
            head.append((char) (buffer.get() & 0xff));
        }
        garbage = '"' + shown(head.toString().strip()) + '"';
        return new IOException("no HTTP");
    }

    private void readBody() throws IOException {
        if (status == 101 || status == 204 || status == 304) {
            return;
        }
        boolean chunked = header("transfer-encoding").toLowerCase(Locale.ROOT).endsWith("chunked");
        long length = chunked ? Long.MAX_VALUE : length();
        long taken = 0;
        while (taken < Math.min(length, MOST_BODY) && !(chunked && lastChunkSeen())) {
            if (!buffer.hasRemaining() && !fill()) {
                cutShort = chunked || length != Long.MAX_VALUE;
                return;
            }
            taken += takeBody();
        }
    }

    private int takeBody() {
        int count = buffer.remaining();
        String text = new String(
                buffer.array(), buffer.arrayOffset() + buffer.position(), count, StandardCharsets.ISO_8859_1);
        buffer.position(buffer.limit());
        if (body.length() < KEPT) {
            body.append(text, 0, Math.min(count, KEPT - body.length()));
        }
        String both = lastBytes + text;
        lastBytes = both.substring(Math.max(0, both.length() - 7));
        return count;
    }

    /** Trailers are rare: a server that sends some is heard until it closes. */
    private boolean lastChunkSeen() {
        return lastBytes.endsWith("\r\n0\r\n\r\n") || lastBytes.equals("0\r\n\r\n");
    }

    private long length() {
        String text = header("content-length");
        if (text.isEmpty() || text.length() > 18) {
            return Long.MAX_VALUE;
        }
        try {
            return Math.max(0, Long.parseLong(text));
        } catch (NumberFormatException untilItCloses) {
            return Long.MAX_VALUE;
        }
    }

    private String header(String name) {
        for (String line : head.toString().split("\n", -1)) {
            int colon = line.indexOf(':');
            if (colon > 0 && line.substring(0, colon).strip().equalsIgnoreCase(name)) {
                return line.substring(colon + 1).strip();
            }
        }
        return "";
    }

    /** What an app says may hold anything: no control characters, and not much of it. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        String utf8 = new String(text.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        for (int at = 0; at < utf8.length() && shown.length() < MOST_SHOWN; at++) {
            char c = utf8.charAt(at);
            shown.append(Character.isISOControl(c) || c == '\uFFFD' ? '?' : c);
        }
        return utf8.length() > MOST_SHOWN ? shown + "…" : shown.toString();
    }

    /** Whether there is more. */
    private boolean fill() throws IOException {
        buffer.clear();
        int read = channel.read(buffer);
        buffer.flip();
        return read > 0;
    }
}
