package io.bulkhead.linux;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.IntPredicate;

/** Who listens where. A look costs some ten milliseconds, since the descriptors of every process are read: not for the loop. */
public final class Listeners {

    private Listeners() {}

    /** Every TCP and unix socket that listens, TCP first, by port. */
    public static List<Listener> all() {
        return withHolders(tcp(port -> true), UnixSockets.listening());
    }

    /** Whoever listens on TCP port {@code port}, whatever the address, v4 and v6. Cheap when nobody does. */
    public static List<Listener> find(int port) {
        return withHolders(tcp(other -> other == port), Map.of());
    }

    /** Whoever listens on the unix socket {@code path}, absolute as they opened it. */
    public static List<Listener> find(String path) {
        Map<Long, String> named = new HashMap<>(UnixSockets.listening());
        named.values().removeIf(name -> !name.equals(path));
        return withHolders(List.of(), named);
    }

    private static List<TcpSocket> tcp(IntPredicate ports) {
        List<TcpSocket> sockets = new ArrayList<>(TcpSockets.listening(ports));
        sockets.sort(Comparator.comparingInt(TcpSocket::port).thenComparing(TcpSocket::v6));
        return sockets;
    }

    private static List<Listener> withHolders(List<TcpSocket> tcp, Map<Long, String> unix) {
        Set<Long> inodes = new HashSet<>(unix.keySet());
        tcp.forEach(socket -> inodes.add(socket.inode()));
        SocketHolders holders = SocketHolders.of(inodes);
        Map<Integer, Optional<ProcessFacts>> facts = new HashMap<>();
        List<Listener> listeners = new ArrayList<>();
        for (TcpSocket socket : tcp) {
            listeners.add(new Listener(
                    socket.v6() ? Listener.Family.IPV6 : Listener.Family.IPV4,
                    TcpSocket.text(socket.address()),
                    socket.port(),
                    socket.v6Only(),
                    OptionalInt.of(socket.uid()),
                    socket.inode(),
                    sorted(holders.of(socket.inode(), facts))));
        }
        unix.forEach((inode, name) -> listeners.add(new Listener(
                Listener.Family.UNIX, name, 0, false, OptionalInt.empty(), inode, sorted(holders.of(inode, facts)))));
        return listeners;
    }

    private static List<ProcessFacts> sorted(List<ProcessFacts> found) {
        found.sort(Comparator.comparing(ProcessFacts::started).thenComparing(ProcessFacts::pid));
        return found;
    }
}
