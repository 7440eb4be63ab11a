package io.bulkhead.api;

import io.bulkhead.json.Json;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Asks the daemon at one socket. Each request has a connection of its own: to connect costs some 20 microseconds. */
public final class Client {

    /** A daemon that is being replaced does not answer for about a second. */
    private static final long PATIENCE_NANOS = 20_000_000_000L;

    private static final long AGAIN_NANOS = 30_000_000L;

    private final Path socket;

    public Client(Path socket) {
        this.socket = socket;
    }

    /** @param target path and query, percent-encoded */
    public Reply get(String target) throws IOException, NoDaemonException {
        return send("GET", target, null);
    }

    /** @param body a JSON value */
    public Reply post(String target, Object body) throws IOException, NoDaemonException {
        return send("POST", target, Json.write(body));
    }

    /** Whether a daemon answers there at all. */
    public boolean reachable() {
        try (SocketChannel probe = connect()) {
            return probe.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    /** {@code text} so that it can stand in a path or a query. */
    public static String encode(String text) {
        StringBuilder out = new StringBuilder(text.length() + 8);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (byte b : bytes) {
            int c = b & 255;
            if ((c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || (c >= '0' && c <= '9')
                    || c == '-'
                    || c == '_'
                    || c == '.') {
                out.append((char) c);
            } else {
                out.append('%')
                        .append(Character.toUpperCase(Character.forDigit(c >> 4, 16)))
                        .append(Character.toUpperCase(Character.forDigit(c & 15, 16)));
            }
        }
        return out.toString();
    }

    /** Asks again while one daemon is taking over from another, which have not begun to do what is asked. */
    private Reply send(String method, String target, @Nullable String body) throws IOException {
        long end = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            Reply reply = sendOnce(method, target, body);
            if (reply.status() != Errors.UNAVAILABLE || System.nanoTime() > end) {
                return reply;
            }
            reply.close();
            LockSupport.parkNanos(AGAIN_NANOS);
        }
    }

    private Reply sendOnce(String method, String target, @Nullable String body) throws IOException {
        SocketChannel channel = connect();
        try {
            byte[] content = body == null ? new byte[0] : body.getBytes(StandardCharsets.UTF_8);
            byte[] head = (method + " " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + (body == null
                                    ? ""
                                    : "Content-Type: application/json\r\nContent-Length: " + content.length + "\r\n")
                            + "\r\n")
                    .getBytes(StandardCharsets.US_ASCII);
            ByteBuffer request = ByteBuffer.allocate(head.length + content.length);
            request.put(head).put(content).flip();
            while (request.hasRemaining()) {
                channel.write(request);
            }
            return Reply.read(new BufferedInputStream(new ChannelInput(channel), 8 << 10));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    private SocketChannel connect() throws IOException {
        try {
            Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        } catch (AccessDeniedException denied) {
            throw new NoDaemonException(NoDaemonException.Why.DENIED, deniedBy(barrier()));
        } catch (IOException absent) {
            throw new NoDaemonException(NoDaemonException.Why.ABSENT, "no socket at " + socket);
        }
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            return channel;
        } catch (IOException e) {
            channel.close();
            String message = e.getMessage() + "";
            if (message.contains("ermission denied")) {
                throw new NoDaemonException(NoDaemonException.Why.DENIED, deniedBy(socket));
            }
            throw new NoDaemonException(NoDaemonException.Why.DEAD, "nobody answers at " + socket);
        }
    }

    /** The folder on the way to the socket that we may not enter: the last that can be looked at. */
    private Path barrier() {
        Path at = socket.toAbsolutePath();
        for (Path parent = at.getParent(); parent != null; parent = at.getParent()) {
            at = parent;
            if (Files.exists(at)) {
                break;
            }
        }
        return at;
    }

    private String deniedBy(Path barrier) {
        String message = "permission denied for " + socket;
        try {
            PosixFileAttributes whose = Files.readAttributes(barrier, PosixFileAttributes.class);
            return message + ": " + barrier + " is " + whose.owner().getName() + "'s, group "
                    + whose.group().getName() + ", mode " + PosixFilePermissions.toString(whose.permissions());
        } catch (IOException unknown) {
            return message;
        }
    }
}
