package io.bulkhead.host;

import io.bulkhead.core.Words;
import io.bulkhead.spec.TunnelSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/**
 * Asks through one tunnel whether its target is there. ssh accepts every connection, and closes it again when the server could not connect it to the target: so it
 * is the end that tells. Asks seldom, and not at all while a client is connected, which is answer enough. Waits: for a thread of its own, one at a time.
 */
final class TunnelProbe {

    /** How long a target that says nothing first, as PostgreSQL, is waited for: a refusal takes the way to the server and back. */
    private static final long SILENCE_MILLIS = 1_000;

    /** From a good answer to the next question. */
    private static final long REST_MILLIS = 30_000;

    /** MySQL counts connections that say nothing, and after a hundred locks the server out that they come from (max_connect_errors). */
    private static final long MYSQL_REST_MILLIS = 900_000;

    /** What an answer begins with where the tunnel does what it can, and its target is away. */
    static final String TARGET_DOWN = "the tunnel is up";

    private final TunnelSpec tunnel;
    private Optional<ProbeAnswer> well = Optional.empty();
    private long askAgainAt;

    TunnelProbe(TunnelSpec tunnel) {
        this.tunnel = tunnel;
    }

    ProbeAnswer ask(long millis) {
        if (well.isPresent()) {
            if (Loop.now() < askAgainAt) {
                return well.get();
            }
            if (TunnelClients.count(tunnel.forward()) > 0) {
                return ProbeAnswer.well("in use");
            }
        }
        askAgainAt = Loop.now() + REST_MILLIS;
        ProbeAnswer answer = connect(millis);
        well = answer.well() ? Optional.of(answer) : Optional.empty();
        return answer;
    }

    private ProbeAnswer connect(long millis) {
        TunnelSpec.Forward forward = tunnel.forward();
        InetSocketAddress where = new InetSocketAddress(reached(forward), forward.port());
        try (SocketChannel channel = SocketChannel.open()) {
            // Bound first, so that its port is known before anybody can see the connection.
            channel.bind(new InetSocketAddress(where.getAddress(), 0));
            TunnelClients.probes(((InetSocketAddress) channel.getLocalAddress()).getPort());
            try (Patience patience = new Patience(Math.min(millis, SILENCE_MILLIS), channel)) {
                return through(channel, where, patience);
            }
        } catch (IOException noSocket) {
            return ProbeAnswer.ill("connect to " + forward.place() + ": " + noSocket.getMessage());
        }
    }

    private ProbeAnswer through(SocketChannel channel, InetSocketAddress where, Patience patience) {
        String target = tunnel.forward().target() + " through " + tunnel.via().text();
        long began = Loop.now();
        try {
            channel.connect(where);
        } catch (IOException refused) {
            return ProbeAnswer.ill("the tunnel does not take connections: " + TcpProbe.words(where, refused));
        }
        ByteBuffer greeting = ByteBuffer.allocate(64);
        try {
            if (channel.read(greeting) >= 0) {
                askAgainAt += isMySql(greeting) ? MYSQL_REST_MILLIS : 0;
                return ProbeAnswer.well(target + " answered after " + Words.time(Loop.now() - began));
            }
        } catch (IOException ended) {
            if (patience.over()) {
                return ProbeAnswer.well(target + " takes connections");
            }
        }
        return ProbeAnswer.ill(TARGET_DOWN + ", but " + tunnel.via().host() + " gets no connection to "
                + tunnel.forward().target() + ": nobody listens there, or the key's permitopen forbids it");
    }

    /** The first packet, number 0, of protocol 10 (MySQL's Protocol::HandshakeV10). */
    private static boolean isMySql(ByteBuffer greeting) {
        return greeting.position() > 4 && greeting.get(3) == 0 && greeting.get(4) == 10;
    }

    private static InetAddress reached(TunnelSpec.Forward forward) {
        String address = switch (forward.bind()) {
            case "0.0.0.0" -> "127.0.0.1";
            case "::" -> "::1";
            default -> forward.bind();
        };
        return InetAddress.ofLiteral(address);
    }
}
