package io.bulkhead.host;

import io.bulkhead.core.Words;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;

/** Connects, and lets go again. Waits: for a thread of its own. */
final class TcpProbe {

    private TcpProbe() {}

    /** @param where a TCP address or a unix socket */
    static ProbeAnswer ask(SocketAddress where, long millis) {
        long began = Loop.now();
        boolean file = where instanceof UnixDomainSocketAddress;
        try (SocketChannel channel = file ? SocketChannel.open(StandardProtocolFamily.UNIX) : SocketChannel.open();
                Patience patience = new Patience(millis, channel)) {
            try {
                channel.connect(where);
                return ProbeAnswer.well(
                        "connect to " + text(where) + ": accepted after " + Words.time(Loop.now() - began));
            } catch (IOException failed) {
                return ProbeAnswer.ill("connect to " + text(where) + ": "
                        + (patience.over() ? "no answer in " + Words.time(millis) : words(where, failed)));
            }
        } catch (IOException noSocket) {
            return ProbeAnswer.ill("connect to " + text(where) + ": " + noSocket.getMessage());
        }
    }

    /** Why {@code where} cannot be talked to. */
    static String words(SocketAddress where, IOException failed) {
        if (failed instanceof ConnectException) {
            return "connection refused, nothing listens on " + text(where);
        }
        String message = failed.getMessage();
        return message == null ? failed.getClass().getSimpleName() : message;
    }

    /** {@code 127.0.0.1:3000}, {@code [::1]:3000}, {@code /run/api.sock}. */
    static String text(SocketAddress where) {
        if (where instanceof InetSocketAddress address && address.getAddress() != null) {
            String host = address.getAddress().getHostAddress();
            int zone = host.indexOf('%');
            host = zone < 0 ? host : host.substring(0, zone);
            return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
        }
        return where.toString();
    }
}
