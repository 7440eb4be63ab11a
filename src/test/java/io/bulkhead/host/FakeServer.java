package io.bulkhead.host;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;

/** Does with each connection what a test says. */
final class FakeServer implements AutoCloseable {

    interface Behaviour {
        void serve(SocketChannel connection) throws Exception;
    }

    /** The request of the last connection. */
    final AtomicReference<String> asked = new AtomicReference<>("");

    private final ServerSocketChannel server;
    private final Thread acceptor;
    private final CountDownLatch ended = new CountDownLatch(1);

    private FakeServer(ServerSocketChannel server, Behaviour behaviour) {
        this.server = server;
        acceptor = Thread.ofVirtual().start(() -> accept(behaviour));
    }

    static FakeServer onTcp(Behaviour behaviour) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return new FakeServer(server, behaviour);
    }

    static FakeServer onFile(Path file, Behaviour behaviour) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(file));
        return new FakeServer(server, behaviour);
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    /** Reads the request, says this, and closes. */
    static Behaviour saying(String text) {
        return connection -> write(connection, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    static void write(SocketChannel connection, byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            connection.write(buffer);
        }
    }

    /** Until the test is over. */
    void hang() throws InterruptedException {
        ended.await();
    }

    private void accept(Behaviour behaviour) {
        while (server.isOpen()) {
            try {
                SocketChannel connection = server.accept();
                Thread.ofVirtual().start(() -> serve(behaviour, connection));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Behaviour behaviour, SocketChannel connection) {
        try (connection) {
            ByteBuffer request = ByteBuffer.allocate(4096);
            connection.read(request);
            asked.set(new String(request.array(), 0, request.position(), StandardCharsets.UTF_8));
            behaviour.serve(connection);
        } catch (ClosedChannelException over) {
            return;
        } catch (Exception clientGone) {
            return;
        }
    }

    @Override
    public void close() throws IOException {
        ended.countDown();
        server.close();
        try {
            acceptor.join(); // until then the socket still listens
        } catch (InterruptedException stop) {
            Thread.currentThread().interrupt();
        }
    }
}
