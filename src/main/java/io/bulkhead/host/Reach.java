package io.bulkhead.host;

import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listener.Family;
import io.bulkhead.linux.Resolver;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.Listen;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** Which of several listeners somebody gets who connects: v4 and v6 may belong to different programs. */
final class Reach {

    private Reach() {}

    /** Those of {@code listeners} that serve {@code address}; where that is every address of this host, each one on its port. */
    static List<Listener> on(List<Listener> listeners, Listen address) {
        List<Listener> found = new ArrayList<>();
        List<InetAddress> wanted = address.port() == 0 ? List.of() : Resolver.local(address.host());
        for (Listener listener : listeners) {
            if (address.port() == 0) {
                if (listener.family() == Family.UNIX && listener.address().equals(address.path())) {
                    found.add(listener);
                }
            } else if (listener.port() == address.port()
                    && (address.host().isEmpty() || wanted.stream().anyMatch(target -> takes(listener, target)))) {
                found.add(listener);
            }
        }
        return found;
    }

    /** Whether {@code listener} takes a connection to {@code target}. */
    static boolean takes(Listener listener, InetAddress target) {
        boolean six = target instanceof Inet6Address;
        boolean any = listener.address().equals("0.0.0.0") || listener.address().equals("::");
        return any
                ? (listener.family() == Family.IPV6 ? six || !listener.v6Only() : !six)
                : listener.address().equals(TcpSocket.text(target));
    }

    /**
     * Who answers at {@code localhost}, in the order in which a client tries.
     *
     * @param listeners of one port
     * @param localhost what that name means to the programs of this host, in their order
     */
    static List<Listener> atLocalhost(List<Listener> listeners, List<InetAddress> localhost) {
        List<Listener> reached = new ArrayList<>();
        for (InetAddress address : localhost) {
            for (Listener listener : listeners) {
                if (listener.family() != Family.UNIX && takes(listener, address) && !reached.contains(listener)) {
                    reached.add(listener);
                }
            }
        }
        return reached;
    }
}
