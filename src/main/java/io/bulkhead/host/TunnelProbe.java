package io.bulkhead.host;

import io.bulkhead.core.Words;
import io.bulkhead.spec.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * Asks through a tunnel whether its target is there. ssh accepts every connection, and closes it again when the server could not connect it to the target:
 * so it is the end that tells. Waits: for a thread of its own.
 */
final class TunnelProbe {

    /** How long a target that says nothing first, as PostgreSQL, is waited for: a refusal takes the way to the server and back. */
    private static final long SILENCE_MILLIS = 1_000;

    private TunnelProbe() {}

    /** @param wasWell whether it has answered well before: then a client that is connected is answer enough */
    static ProbeAnswer ask(TunnelSpec tunnel, boolean wasWell, long millis) {
        TunnelSpec.Forward forward = tunnel.forward();
        if (wasWell && TunnelClients.count(forward) > 0) {
            return ProbeAnswer.well("in use");
        }
        long began = Loop.now();
        InetSocketAddress where = new InetSocketAddress(reached(forward), forward.port());
        try (SocketChannel channel = SocketChannel.open()) {
            channel.bind(new InetSocketAddress(
                    where.getAddress() instanceof java.net.Inet6Address ? "::1" : "127.0.0.1", 0));
            int port = ((InetSocketAddress) channel.getLocalAddress()).getPort();
            TunnelClients.probes(port);
            try (Patience patience = new Patience(Math.min(millis, SILENCE_MILLIS), channel)) {
                return through(tunnel, channel, where, patience, began);
            } finally {
                TunnelClients.probed(port);
            }
        } catch (IOException noSocket) {
            return ProbeAnswer.ill("connect to " + forward.place() + ": " + noSocket.getMessage());
        }
    }

    private static ProbeAnswer through(
            TunnelSpec tunnel, SocketChannel channel, InetSocketAddress where, Patience patience, long began) {
        String target = tunnel.forward().target() + " through " + tunnel.via().text();
        try {
            channel.connect(where);
        } catch (IOException refused) {
            return ProbeAnswer.ill("the tunnel does not take connections: " + TcpProbe.words(where, refused));
        }
        try {
            int read = channel.read(ByteBuffer.allocate(64));
            if (read >= 0) {
                return ProbeAnswer.well(target + " answered after " + Words.time(Loop.now() - began));
            }
        } catch (IOException ended) {
            if (patience.over()) {
                return ProbeAnswer.well(target + " takes connections");
            }
        }
        return ProbeAnswer.ill("the tunnel is up, but " + tunnel.via().host() + " gets no connection to "
                + tunnel.forward().target() + ": nobody listens there, or the key's permitopen forbids it");
    }

    private static InetAddress reached(TunnelSpec.Forward forward) {
        InetAddress bind = InetAddress.ofLiteral(forward.bind());
        return bind.isAnyLocalAddress()
                ? InetAddress.ofLiteral(forward.bind().equals("::") ? "::1" : "127.0.0.1")
                : bind;
    }
}
