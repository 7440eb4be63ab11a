package io.bulkhead.host;

import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.TunnelSpec.Forward;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Who is connected to a tunnel, by the kernel's table of sockets; our own probes are nobody. */
final class TunnelClients {

    /** Closed by the client, still being answered; closed by both, remembered for a minute (net/tcp_states.h). */
    private static final int CLOSE_WAIT = 8;

    private static final int TIME_WAIT = 6;

    /** TCP_TIMEWAIT_LEN of the kernel is 60 s. */
    private static final long REMEMBERED_MILLIS = 70_000;

    /** Ports that our own probes have connected from, and when. */
    private static final Map<Integer, Long> PROBES = new ConcurrentHashMap<>();

    private TunnelClients() {}

    /** A probe of ours connects from {@code port}. */
    static void probes(int port) {
        long now = Loop.now();
        PROBES.values().removeIf(at -> now - at > REMEMBERED_MILLIS);
        PROBES.put(port, now);
    }

    /** Costs about a millisecond for a thousand connections. */
    static int count(Forward forward) {
        return count(forward, TcpSockets.connected());
    }

    /** @param connected {@code TcpSockets.connected()} */
    static int count(Forward forward, List<TcpSocket> connected) {
        int count = 0;
        for (TcpSocket socket : connected) {
            boolean lives = socket.state() == TcpSocket.ESTABLISHED || socket.state() == CLOSE_WAIT;
            count += lives && isIts(socket.address(), socket.port(), socket.peerPort(), forward) ? 1 : 0;
        }
        return count;
    }

    /** Whether a client has left within the last minute, which a look now and then would miss. */
    static boolean usedLately(Forward forward, List<TcpSocket> connected) {
        for (TcpSocket socket : connected) {
            if (socket.state() == TIME_WAIT
                    && (isIts(socket.address(), socket.port(), socket.peerPort(), forward)
                            || isIts(socket.peer(), socket.peerPort(), socket.port(), forward))) {
                return true;
            }
        }
        return false;
    }

    private static boolean isIts(InetAddress address, int port, int clientPort, Forward forward) {
        if (port != forward.port() || PROBES.containsKey(clientPort)) {
            return false;
        }
        return forward.forEverybody() || address.equals(InetAddress.ofLiteral(forward.bind()));
    }
}
