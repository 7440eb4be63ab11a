package io.bulkhead.host;

import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.TunnelSpec.Forward;
import java.net.InetAddress;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Who is connected to a tunnel, by the kernel's table of sockets; our own probes are nobody. */
final class TunnelClients {

    /** Closed by the client, still being answered (net/tcp_states.h). */
    private static final int CLOSE_WAIT = 8;

    /** Ports that our own probes connect from now. */
    private static final Set<Integer> PROBES = ConcurrentHashMap.newKeySet();

    private TunnelClients() {}

    static void probes(int port) {
        PROBES.add(port);
    }

    static void probed(int port) {
        PROBES.remove(port);
    }

    /** Costs about a millisecond for a thousand connections. */
    static int count(Forward forward) {
        return count(forward, TcpSockets.connected());
    }

    /** @param connected {@code TcpSockets.connected()} */
    static int count(Forward forward, List<TcpSocket> connected) {
        InetAddress bind = InetAddress.ofLiteral(forward.bind());
        int count = 0;
        for (TcpSocket socket : connected) {
            boolean there = socket.port() == forward.port()
                    && (bind.isAnyLocalAddress() || socket.address().equals(bind));
            boolean lives = socket.state() == TcpSocket.ESTABLISHED || socket.state() == CLOSE_WAIT;
            count += there && lives && !PROBES.contains(socket.peerPort()) ? 1 : 0;
        }
        return count;
    }
}
