package io.bulkhead.host;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** One request to a FastCGI server (FastCGI specification 1.0): just what asking PHP-FPM how it is needs. */
final class FastCgi {

    private static final int VERSION = 1;
    private static final int BEGIN = 1;
    private static final int END = 3;
    private static final int PARAMS = 4;
    private static final int STDIN = 5;
    private static final int STDOUT = 6;
    private static final int RESPONDER = 1;
    private static final int REQUEST = 1;

    private static final int LONGEST_ANSWER = 64 << 10;

    private FastCgi() {}

    /**
     * Asks for {@code path}, and gives up after {@code millis}.
     *
     * @param listen as PHP-FPM's {@code listen} names it: a path, a port, or address and port
     * @return the body of the answer
     * @throws IOException when nobody answers in time, or with anything else than FastCGI
     */
    static String get(String listen, String path, String query, long millis) throws IOException {
        SocketAddress address = address(listen);
        try (SocketChannel channel = address instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(java.net.StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
                Patience patience = new Patience(millis, channel)) {
            channel.connect(address);
            channel.write(ByteBuffer.wrap(request(path, query)));
            String answer = answer(new DataInputStream(Channels.newInputStream(channel)));
            int blank = answer.indexOf("\r\n\r\n");
            return blank < 0 ? answer : answer.substring(blank + 4);
        }
    }

    private static SocketAddress address(String listen) throws IOException {
        if (listen.startsWith("/")) {
            return UnixDomainSocketAddress.of(Path.of(listen));
        }
        int colon = listen.lastIndexOf(':');
        String host = colon < 0 ? "" : listen.substring(0, colon);
        boolean any = host.isEmpty() || host.equals("*") || host.equals("0.0.0.0") || host.equals("[::]");
        try {
            return new InetSocketAddress(any ? "127.0.0.1" : host, Integer.parseInt(listen.substring(colon + 1)));
        } catch (IllegalArgumentException odd) {
            throw new IOException("not an address: " + listen, odd);
        }
    }

    private static byte[] request(String path, String query) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("REQUEST_METHOD", "GET");
        parameters.put("SCRIPT_NAME", path);
        parameters.put("SCRIPT_FILENAME", path);
        parameters.put("REQUEST_URI", path + "?" + query);
        parameters.put("QUERY_STRING", query);
        ByteArrayOutputStream pairs = new ByteArrayOutputStream();
        parameters.forEach((name, value) -> {
            pairs.write(name.length()); // all are shorter than 128
            pairs.write(value.length());
            pairs.writeBytes(name.getBytes(StandardCharsets.ISO_8859_1));
            pairs.writeBytes(value.getBytes(StandardCharsets.ISO_8859_1));
        });
        ByteArrayOutputStream request = new ByteArrayOutputStream();
        record(request, BEGIN, new byte[] {0, RESPONDER, 0, 0, 0, 0, 0, 0});
        record(request, PARAMS, pairs.toByteArray());
        record(request, PARAMS, new byte[0]);
        record(request, STDIN, new byte[0]);
        return request.toByteArray();
    }

    private static void record(ByteArrayOutputStream to, int type, byte[] content) {
        to.writeBytes(
                new byte[] {VERSION, (byte) type, 0, REQUEST, (byte) (content.length >> 8), (byte) content.length, 0, 0
                });
        to.writeBytes(content);
    }

    private static String answer(DataInputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (body.size() < LONGEST_ANSWER) {
            int version = in.readUnsignedByte();
            int type = in.readUnsignedByte();
            if (version != VERSION) {
                throw new IOException("the answer is not FastCGI");
            }
            in.readUnsignedShort();
            int length = in.readUnsignedShort();
            int padding = in.readUnsignedByte();
            in.readUnsignedByte();
            byte[] content = in.readNBytes(length);
            if (content.length < length || in.readNBytes(padding).length < padding) {
                throw new EOFException("the answer ends in the middle");
            }
            if (type == STDOUT) {
                body.writeBytes(content);
            } else if (type == END) {
                return body.toString(StandardCharsets.UTF_8);
            }
        }
        throw new IOException("the answer is longer than " + LONGEST_ANSWER + " bytes");
    }
}
