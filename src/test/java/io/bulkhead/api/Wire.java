package io.bulkhead.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A connection to a socket, spoken byte by byte. */
final class Wire implements AutoCloseable {

    private final SocketChannel channel;

    Wire(Path socket) throws IOException {
        channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(socket));
    }

    Wire send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    Wire send(byte[] bytes) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        return this;
    }

    Wire end() throws IOException {
        channel.shutdownOutput();
        return this;
    }

    /** Everything until the other side ends the connection. */
    String rest() throws IOException {
        return until("\u0000never\u0000");
    }

    /** What comes until {@code mark} has come, or the end. */
    String until(String mark) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer one = ByteBuffer.allocate(1);
        while (channel.read(one.clear()) > 0) {
            all.write(one.get(0));
            if (one.get(0) == mark.charAt(mark.length() - 1)
                    && all.toString(StandardCharsets.ISO_8859_1).endsWith(mark)) {
                break;
            }
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
