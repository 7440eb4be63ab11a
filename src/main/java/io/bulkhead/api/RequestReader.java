package io.bulkhead.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/**
 * Reads requests of one connection (RFC 9112, origin-form only). What the RFC lets a server refuse is refused: bare line
 * feeds within headers are taken, folded headers, both lengths at once, blanks before a colon are not.
 */
final class RequestReader {

    private static final int MAX_HEADERS = 64;

    private final InputStream in;
    private final OutputStream out;
    private final HttpLimits limits;
    private final Semaphore bodyBudget;
    private final Control.Peer peer;
    private int headLeft;
    private int taken;

    /**
     * @param out where "100 Continue" goes
     * @param bodyBudget bytes left for bodies of all connections
     */
    RequestReader(InputStream in, OutputStream out, HttpLimits limits, Semaphore bodyBudget, Control.Peer peer) {
        this.in = in;
        this.out = out;
        this.limits = limits;
        this.bodyBudget = bodyBudget;
        this.peer = peer;
    }

    /** The next request, or empty when the client has ended the connection between two requests. */
    Optional<HttpRequest> next() throws IOException {
        headLeft = limits.headBytes();
        int first = in.read();
        while (first == '\r' || first == '\n') { // RFC 9112, 2.2: empty lines before a request are ignored
            headLeft--;
            first = headLeft > 0 ? in.read() : -1;
        }
        if (first < 0) {
            return Optional.empty();
        }
        String[] start = requestLine((char) first + line());
        Map<String, String> headers = headers();
        byte[] body = body(headers);
        String target = start[1];
        int mark = target.indexOf('?');
        return Optional.of(new HttpRequest(
                start[0],
                segments(mark < 0 ? target : target.substring(0, mark)),
                query(mark < 0 ? "" : target.substring(mark + 1)),
                headers,
                body,
                peer));
    }

    /** Gives back what the last request's body took from the budget. */
    void release() {
        bodyBudget.release(taken);
        taken = 0;
    }

    private static String[] requestLine(String line) throws HttpRefusal {
        int one = line.indexOf(' ');
        int two = line.indexOf(' ', one + 1);
        if (one <= 0 || two < 0 || line.indexOf(' ', two + 1) >= 0) {
            throw new HttpRefusal(400, "the request line is not METHOD PATH HTTP/1.1");
        }
        String method = line.substring(0, one);
        String target = line.substring(one + 1, two);
        String version = line.substring(two + 1);
        for (int i = 0; i < method.length(); i++) {
            if (method.charAt(i) < 'A' || method.charAt(i) > 'Z') {
                throw new HttpRefusal(400, "the method is not a word in capitals");
            }
        }
        if (!version.equals("HTTP/1.1") && !version.equals("HTTP/1.0")) {
            throw new HttpRefusal(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
        }
        if (!target.startsWith("/")) {
            throw new HttpRefusal(400, "the path does not begin with a slash");
        }
        return new String[] {method, target};
    }

    private Map<String, String> headers() throws IOException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (int count = 0; ; count++) {
            String line = line();
            if (line.isEmpty()) {
                return headers;
            }
            int colon = line.indexOf(':');
            if (colon <= 0 || count >= MAX_HEADERS) {
                throw new HttpRefusal(count >= MAX_HEADERS ? 431 : 400, "header line not understood, or too many");
            }
            for (int i = 0; i < colon; i++) {
                if (!isNameCharacter(line.charAt(i))) {
                    throw new HttpRefusal(400, "a header's name has a character it may not have");
                }
            }
            String name = lower(line.substring(0, colon));
            String before = headers.put(name, line.substring(colon + 1).strip());
            if (before != null && (name.equals("content-length") || name.equals("transfer-encoding"))) {
                throw new HttpRefusal(400, name + " is there twice");
            }
        }
    }

    private byte[] body(Map<String, String> headers) throws IOException {
        String length = headers.get("content-length");
        String encoding = headers.get("transfer-encoding");
        if (length == null && encoding == null) {
            return new byte[0];
        }
        if (length != null && encoding != null) {
            throw new HttpRefusal(400, "content-length and transfer-encoding together");
        }
        if (encoding != null && !encoding.equalsIgnoreCase("chunked")) {
            throw new HttpRefusal(501, "only transfer-encoding: chunked is understood");
        }
        int size = length == null ? -1 : decimal(length);
        if ("100-continue".equalsIgnoreCase(headers.get("expect"))) {
            out.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }
        return size >= 0 ? bytes(size) : chunks();
    }

    private byte[] bytes(int size) throws IOException {
        take(size);
        byte[] body = in.readNBytes(size);
        if (body.length < size) {
            throw new HttpRefusal(400, "the body ends early");
        }
        return body;
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            headLeft = 128;
            String line = line();
            int semicolon = line.indexOf(';');
            int size = hexadecimal((semicolon < 0 ? line : line.substring(0, semicolon)).strip());
            if (size == 0) {
                headLeft = limits.headBytes();
                headers(); // trailers: read, and nothing made of them
                return body.toByteArray();
            }
            if (body.size() + size > limits.bodyBytes()) {
                throw tooLarge();
            }
            body.write(bytes(size));
            if (in.read() != '\r' || in.read() != '\n') {
                throw new HttpRefusal(400, "a chunk is longer than its size says, or cut off");
            }
        }
    }

    private void take(int size) throws HttpRefusal {
        if (size > limits.bodyBytes()) {
            throw tooLarge();
        }
        if (!bodyBudget.tryAcquire(size)) {
            throw new HttpRefusal(503, "too many large requests at once");
        }
        taken += size;
    }

    private HttpRefusal tooLarge() {
        return new HttpRefusal(413, "the body is larger than " + limits.bodyBytes() + " bytes");
    }

    private int decimal(String digits) throws HttpRefusal {
        return digits(digits, 10);
    }

    private int hexadecimal(String digits) throws HttpRefusal {
        return digits(digits, 16);
    }

    private int digits(String text, int radix) throws HttpRefusal {
        if (text.isEmpty()) {
            throw new HttpRefusal(400, "a length is missing");
        }
        int value = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int digit = c < 128 ? Character.digit(c, radix) : -1;
            if (digit < 0) {
                throw new HttpRefusal(400, "a length is not a number");
            }
            value = value * radix + digit;
            if (value > limits.bodyBytes()) {
                throw tooLarge();
            }
        }
        return value;
    }

    /** The next line of the head without its end; bytes above 127 and control characters are refused. */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        while (true) {
            int b = in.read();
            if (b < 0) {
                throw new HttpRefusal(400, "the request ends early");
            }
            if (headLeft-- <= 0) {
                throw new HttpRefusal(431, "the request's head is larger than " + limits.headBytes() + " bytes");
            }
            if (b == '\n') {
                return line.toString();
            }
            if (b == '\r') {
                if (in.read() != '\n') {
                    throw new HttpRefusal(400, "a carriage return without a line feed");
                }
                return line.toString();
            }
            if ((b < ' ' && b != '\t') || b >= 127) {
                throw new HttpRefusal(400, "a character that may not be in a request's head");
            }
            line.append((char) b);
        }
    }

    private static List<String> segments(String path) throws HttpRefusal {
        List<String> segments = new ArrayList<>();
        int from = 1;
        while (from < path.length()) {
            int slash = path.indexOf('/', from);
            int end = slash < 0 ? path.length() : slash;
            segments.add(decode(path.substring(from, end), false));
            from = end + 1;
        }
        return segments;
    }

    private static Map<String, String> query(String query) throws HttpRefusal {
        Map<String, String> values = new LinkedHashMap<>();
        int from = 0;
        while (from < query.length()) {
            int and = query.indexOf('&', from);
            int end = and < 0 ? query.length() : and;
            int equals = query.indexOf('=', from);
            if (equals < 0 || equals > end) {
                values.put(decode(query.substring(from, end), true), "");
            } else {
                values.put(decode(query.substring(from, equals), true), decode(query.substring(equals + 1, end), true));
            }
            from = end + 1;
        }
        return values;
    }

    private static String decode(String text, boolean plusIsBlank) throws HttpRefusal {
        if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
            return text;
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '%') {
                int high = i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
                int low = i + 2 < text.length() ? Character.digit(text.charAt(i + 2), 16) : -1;
                if (high < 0 || low < 0 || high + low == 0) {
                    throw new HttpRefusal(400, "a percent sign without two hexadecimal digits, or a zero byte");
                }
                bytes.write(high * 16 + low);
                i += 2;
            } else {
                bytes.write(c == '+' && plusIsBlank ? ' ' : c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "!#$%&'*+-.^_`|~".indexOf(c) >= 0;
    }

    private static String lower(String name) {
        return name.toLowerCase(java.util.Locale.ROOT);
    }
}
