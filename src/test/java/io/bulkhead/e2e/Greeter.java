package io.bulkhead.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** A server on the loopback that says hello and hangs up. */
final class Greeter implements AutoCloseable {

    final int port;
    private final ServerSocket socket;

    Greeter() throws IOException {
        this(0);
    }

    Greeter(int port) throws IOException {
        socket = new ServerSocket(port, 50, InetAddress.getLoopbackAddress());
        this.port = socket.getLocalPort();
        Thread.ofVirtual().start(this::greet);
    }

    private void greet() {
        while (!socket.isClosed()) {
            try (Socket client = socket.accept()) {
                client.getOutputStream().write("hello".getBytes(StandardCharsets.UTF_8));
            } catch (IOException closed) {
                continue;
            }
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
