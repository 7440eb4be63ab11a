package io.bulkhead.api;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;

/**
 * HTTP/1.1 over a unix socket, for peers on this host only: mode 0660, group {@code bulkhead} where that exists. Each
 * connection has a virtual thread; what a client can cost is bounded by {@link HttpLimits}.
 */
public final class HttpServer implements AutoCloseable {

    /** Answers one request. Called on the connection's thread; may wait. */
    public interface Handler {
        /** @throws IOException when the client is gone */
        void handle(HttpRequest request, HttpResponse response) throws IOException;
    }

    /** sun_path of unix(7) without its final zero byte. */
    private static final int LONGEST_PATH = 107;

    private static final String GROUP = "bulkhead";
    private static final long SWEEP_MILLIS = 1000;

    private final Path socket;
    private final ServerSocketChannel listener;
    private final Peers peers;
    private final Handler handler;
    private final HttpLimits limits;
    private final Semaphore bodyBudget;
    private final Set<HttpConnection> open = ConcurrentHashMap.newKeySet();
    private final Optional<Object> ownFile;
    private boolean sweeping;
    private volatile boolean handingOver;
    private volatile boolean closed;

    private HttpServer(Path socket, ServerSocketChannel listener, Peers peers, Handler handler, HttpLimits limits) {
        this.socket = socket;
        this.listener = listener;
        this.ownFile = file(socket);
        this.peers = peers;
        this.handler = handler;
        this.limits = limits;
        this.bodyBudget = new Semaphore(limits.bodyBytesTogether());
    }

    /**
     * Binds and begins to answer.
     *
     * @param socket in a folder that exists; a socket file that nobody listens on any more is replaced
     * @throws IOException with a message for people: somebody listens there, the path is too long or no socket
     */
    public static HttpServer start(Path socket, Handler handler, HttpLimits limits) throws IOException {
        refuseIfTaken(socket);
        return takeOver(socket, handler, limits);
    }

    /**
     * As {@link #start}, and takes the socket's name from whoever listens there: whoever connects from now on is answered here. For a daemon
     * whose predecessor is {@link #handOver handing over}; between the two nobody finds the name without a listener.
     */
    public static HttpServer takeOver(Path socket, Handler handler, HttpLimits limits) throws IOException {
        requireShort(socket);
        ServerSocketChannel listener = bind(socket);
        HttpServer server = new HttpServer(socket, listener, Peers.of(socket), handler, limits);
        Thread.ofVirtual().name("bulkhead-api-accept").start(server::acceptAll);
        return server;
    }

    /** From now on every new request is told to ask again in a moment (503), when another daemon will answer it. */
    public void handOver() {
        handingOver = true;
    }

    /** Whether another daemon answers at the socket's name by now. */
    public boolean replaced() {
        Optional<Object> there = file(socket);
        return there.isPresent() && !there.equals(ownFile);
    }

    private void handle(HttpRequest request, HttpResponse response) throws IOException {
        if (handingOver) {
            Errors.send(response, 503, "handing-over", "a new daemon is taking over", "ask again in a moment");
        } else {
            handler.handle(request, response);
        }
    }

    /** Connections that are open now. */
    public int connections() {
        return open.size();
    }

    /** Removes the socket file, unless it is another daemon's by now, and ends every connection. */
    @Override
    public void close() throws IOException {
        closed = true;
        if (file(socket).equals(ownFile)) {
            Files.deleteIfExists(socket);
        }
        listener.close();
        for (HttpConnection connection : open) {
            connection.close();
        }
    }

    private static void requireShort(Path socket) throws IOException {
        int length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IOException("the socket's path " + socket + " has " + length + " bytes, the kernel takes "
                    + LONGEST_PATH + ": choose a shorter --home or BULKHEAD_HOME");
        }
    }

    /** What tells a file from another that has its name later. */
    private static Optional<Object> file(Path path) {
        try {
            return Optional.ofNullable(Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .fileKey());
        } catch (IOException gone) {
            return Optional.empty();
        }
    }

    private static void refuseIfTaken(Path socket) throws IOException {
        if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(socket + " is there and is no socket: remove it or choose another --home");
        }
        try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            probe.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return; // nobody answers: a leftover, replaced when ours takes its name
        }
        throw new IOException("another daemon listens on " + socket);
    }

    /** Binds in a private folder first, so that the socket has its mode and group before anybody can reach it. */
    private static ServerSocketChannel bind(Path socket) throws IOException {
        Path folder = socket.resolveSibling(".s");
        Path first = folder.resolve("s");
        Files.deleteIfExists(first);
        Files.deleteIfExists(folder);
        Files.createDirectory(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            listener.bind(UnixDomainSocketAddress.of(first), 64);
            Set<PosixFilePermission> mode = PosixFilePermissions.fromString("rw-rw----");
            Files.setPosixFilePermissions(first, mode);
            giveToGroup(first);
            Files.move(first, socket, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            return listener;
        } catch (IOException | RuntimeException e) {
            listener.close();
            throw e;
        } finally {
            Files.deleteIfExists(first);
            Files.deleteIfExists(folder);
        }
    }

    private static void giveToGroup(Path file) throws IOException {
        try {
            GroupPrincipal group =
                    file.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP);
            Files.getFileAttributeView(file, PosixFileAttributeView.class).setGroup(group);
        } catch (IOException e) {
            // No such group, or this user is not in it: the user's own group keeps the socket.
        }
    }

    private void acceptAll() {
        while (!closed) {
            try {
                accept(listener.accept());
            } catch (IOException e) {
                if (closed) {
                    return;
                }
                // Out of descriptors, most likely: the connection waits in the queue, and so do we.
                pause();
            }
        }
    }

    private void accept(SocketChannel channel) {
        HttpConnection[] self = new HttpConnection[1];
        HttpConnection connection = new HttpConnection(
                channel, this::handle, limits, peers.of(channel), bodyBudget, () -> open.remove(self[0]));
        self[0] = connection;
        if (open.size() >= limits.connections()) {
            refuse(connection);
            return;
        }
        open.add(connection);
        Thread.ofVirtual().name("bulkhead-api").start(connection);
        sweepWhileOpen();
    }

    private static void refuse(HttpConnection connection) {
        try {
            Errors.send(new HttpResponse(connection, false), 503, "busy", "too many connections to the daemon", "");
        } catch (IOException e) {
            // It is closed anyway.
        }
        connection.close();
    }

    /** A channel has no read timeout; one thread closes overdue ones, and is there only while any is open. */
    private synchronized void sweepWhileOpen() {
        if (!sweeping) {
            sweeping = true;
            Thread.ofVirtual().name("bulkhead-api-sweep").start(this::sweep);
        }
    }

    private void sweep() {
        while (true) {
            pause();
            long now = System.nanoTime();
            for (HttpConnection connection : open) {
                connection.closeIfOverdue(now);
            }
            synchronized (this) {
                if (open.isEmpty() || closed) {
                    sweeping = false;
                    return;
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(SWEEP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
