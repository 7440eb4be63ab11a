package io.bulkhead.host;

import io.bulkhead.core.Words;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * Asks one page over HTTP/1.1 without TLS, and judges by the status alone. The server is the app's: it may hang, never end or speak garbage, so time
 * and what is read of it are bounded, and no redirect is followed. Waits: for a thread of its own.
 */
final class HttpProbe {

    private HttpProbe() {}

    /**
     * What is asked, and what is well.
     *
     * @param target begins with a slash
     * @param from lowest status that is well, likewise {@code to} the highest
     * @param millis within which the whole answer must be there
     */
    record Page(String target, int from, int to, long millis) {

        String words() {
            return "GET " + target;
        }
    }

    /** @param where a TCP address or a unix socket */
    static ProbeAnswer ask(SocketAddress where, Page page) {
        long began = Loop.now();
        try (SocketChannel channel = open(where);
                Patience patience = new Patience(page.millis, channel)) {
            HttpAnswer answer = new HttpAnswer(channel);
            try {
                channel.connect(where);
                send(channel, page, where);
                answer.read();
                return judge(page, answer, Loop.now() - began);
            } catch (IOException failed) {
                return ProbeAnswer.ill(
                        page.words() + ": " + (patience.over() ? late(page, answer) : refused(where, answer, failed)));
            }
        } catch (IOException noSocket) {
            return ProbeAnswer.ill(page.words() + ": " + noSocket.getMessage());
        }
    }

    private static SocketChannel open(SocketAddress where) throws IOException {
        return where instanceof UnixDomainSocketAddress
                ? SocketChannel.open(StandardProtocolFamily.UNIX)
                : SocketChannel.open();
    }

    private static void send(SocketChannel channel, Page page, SocketAddress where) throws IOException {
        String request = "GET " + page.target + " HTTP/1.1\r\nHost: " + host(where)
                + "\r\nUser-Agent: bulkhead-healthcheck\r\nAccept: */*\r\nConnection: close\r\n\r\n";
        ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static String host(SocketAddress where) {
        return where instanceof InetSocketAddress address
                ? TcpProbe.text(
                        address) // an app may refuse hosts that it does not know: its own address is the likeliest
                : "localhost";
    }

    private static ProbeAnswer judge(Page page, HttpAnswer answer, long millis) {
        int status = answer.status();
        String words = page.words() + ": " + status + " after " + Words.time(millis);
        if (status >= page.from && status <= page.to) {
            return answer.cutShort()
                    ? ProbeAnswer.ill(words + ", but the answer ends before its end")
                    : ProbeAnswer.well(words);
        }
        if (status >= 300 && status < 400) {
            String to = answer.location().isEmpty() ? "" : " to " + answer.location();
            return ProbeAnswer.ill(words + ", a redirect" + to
                    + ": none is followed; name the page itself, or write status: " + page.from + "-399");
        }
        String says = answer.firstLine();
        return ProbeAnswer.ill(says.isEmpty() ? words : words + ": " + says);
    }

    private static String late(Page page, HttpAnswer answer) {
        String within = " in " + Words.time(page.millis);
        return answer.status() == 0 ? "no answer" + within : answer.status() + ", but no end of the answer" + within;
    }

    private static String refused(SocketAddress where, HttpAnswer answer, IOException failed) {
        if (!answer.garbage().isEmpty()) {
            return "what answers speaks no HTTP: " + answer.garbage();
        }
        return TcpProbe.words(where, failed);
    }
}
