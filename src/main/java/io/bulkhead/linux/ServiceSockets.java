package io.bulkhead.linux;

import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who is connected to which service: the kernel's tables of sockets, joined with the descriptors of processes. A look costs some ten milliseconds, nearly
 * all of it for the descriptors: not for the loop.
 *
 * @param sockets one for each connection
 * @param closed processes whose descriptors we may not see
 */
public record ServiceSockets(List<ServiceSocket> sockets, int closed) {

    /**
     * Where a service is.
     *
     * @param addresses that its clients connect to; empty where it is a unix socket
     * @param local whether these are addresses of this host
     * @param port 0 for a unix socket
     * @param path empty for a port
     */
    public record Place(List<InetAddress> addresses, boolean local, int port, String path) {}

    /** FIN-WAIT, TIME-WAIT and the like belong to no process any more, or will not in a moment. */
    private static final int STATES = 1 << TcpSocket.ESTABLISHED | 1 << ServiceSocket.CLOSE_WAIT;

    /** systemd, where it listens for others (systemd.socket(5)). */
    private static final Integer INIT = 1;

    private record End(int service, String address, int port, TcpSocket socket, long quiet) {}

    /** Looks through all processes for the holders. */
    public static ServiceSockets of(List<Place> places) {
        return look(places, Optional.empty());
    }

    /** Looks for the holders among {@code processes} alone: connections of others have none. */
    public static ServiceSockets of(List<Place> places, Collection<Integer> processes) {
        return look(places, Optional.of(processes));
    }

    private static ServiceSockets look(List<Place> places, Optional<Collection<Integer>> among) {
        List<End> clients = new ArrayList<>();
        Map<String, End> servers = new HashMap<>();
        boolean anyPort = places.stream().anyMatch(place -> place.port() != 0);
        for (SockDiag.Timed timed : anyPort ? tcp() : List.<SockDiag.Timed>of()) {
            sort(timed, places, clients, servers);
        }
        List<SockDiag.UnixPair> unix = unix();
        Map<Long, String> named = among.isEmpty() ? UnixSockets.listening() : Map.of();
        List<TcpSocket> listening = among.isEmpty() && anyPort ? TcpSockets.listening() : List.of();
        Set<Long> inodes = new HashSet<>(named.keySet());
        clients.forEach(end -> inodes.add(end.socket().inode()));
        servers.values().forEach(end -> inodes.add(end.socket().inode()));
        listening.forEach(socket -> inodes.add(socket.inode()));
        for (SockDiag.UnixPair pair : unix) {
            if (!pair.name().isEmpty()) {
                inodes.add(pair.inode());
                inodes.add(pair.peer());
            }
        }
        inodes.remove(0L);
        SocketHolders holders = among.isPresent() ? SocketHolders.among(among.get(), inodes) : SocketHolders.of(inodes);
        List<ServiceSocket> found = new ArrayList<>();
        for (End end : clients) {
            Optional<End> other = Optional.ofNullable(servers.remove(key(end)));
            found.add(socket(end, holders.of(end.socket().inode()), other, holders));
        }
        servers.values().forEach(end -> found.add(elsewhere(end, holders)));
        Map<String, Integer> paths = paths(places, listening, named, holders);
        for (SockDiag.UnixPair pair : unix) {
            Integer service = paths.get(pair.name());
            if (service != null) {
                found.add(new ServiceSocket(
                        service,
                        "",
                        0,
                        TcpSocket.ESTABLISHED,
                        -1,
                        -1,
                        holders.of(pair.peer()),
                        holders.of(pair.inode())));
            }
        }
        return new ServiceSockets(List.copyOf(found), holders.closed());
    }

    /** By name: the unix sockets that are services, and those that the process behind a service's port listens on as well. */
    private static Map<String, Integer> paths(
            List<Place> places, List<TcpSocket> listening, Map<Long, String> named, SocketHolders holders) {
        Map<String, Integer> paths = new HashMap<>();
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            if (place.port() == 0) {
                paths.put(place.path(), i);
            } else if (place.local()) {
                Set<Integer> behind = new HashSet<>();
                for (TcpSocket socket : listening) {
                    if (socket.port() == place.port()) {
                        behind.addAll(holders.of(socket.inode()));
                    }
                }
                behind.remove(INIT);
                int service = i;
                named.forEach((inode, name) -> {
                    if (holders.of(inode).stream().anyMatch(behind::contains)) {
                        paths.putIfAbsent(name, service);
                    }
                });
            }
        }
        return paths;
    }

    /** Which end of which service a socket is, if any. */
    private static void sort(SockDiag.Timed timed, List<Place> places, List<End> clients, Map<String, End> servers) {
        TcpSocket socket = timed.socket();
        for (int i = 0; i < places.size(); i++) {
            Place place = places.get(i);
            if (place.port() == 0) {
                continue;
            }
            if (socket.peerPort() == place.port() && place.addresses().contains(socket.peer())) {
                clients.add(new End(i, TcpSocket.text(socket.address()), socket.port(), socket, timed.quietMillis()));
                return;
            }
            // Whoever connects from elsewhere reaches another address of the same listener.
            if (place.local() && socket.port() == place.port()) {
                End end = new End(i, TcpSocket.text(socket.peer()), socket.peerPort(), socket, timed.quietMillis());
                servers.put(key(end), end);
                return;
            }
        }
    }

    private static String key(End end) {
        return end.service() + " " + end.address() + " " + end.port();
    }

    private static ServiceSocket socket(
            End client, List<Integer> clients, Optional<End> server, SocketHolders holders) {
        return new ServiceSocket(
                client.service(),
                client.address(),
                client.port(),
                client.socket().state(),
                client.quiet(),
                client.socket().uid(),
                clients,
                server.map(end -> holders.of(end.socket().inode())).orElse(List.of()));
    }

    /** The client is not among the sockets of this network namespace. */
    private static ServiceSocket elsewhere(End server, SocketHolders holders) {
        return new ServiceSocket(
                server.service(),
                server.address(),
                server.port(),
                server.socket().state(),
                server.quiet(),
                -1,
                List.of(),
                holders.of(server.socket().inode()));
    }

    private static List<SockDiag.Timed> tcp() {
        List<SockDiag.Timed> sockets = new ArrayList<>();
        try {
            sockets.addAll(SockDiag.timed(SockDiag.AF_INET, STATES));
            sockets.addAll(SockDiag.timed(SockDiag.AF_INET6, STATES));
        } catch (ErrnoException noNetlinkHere) {
            sockets.clear();
            for (TcpSocket socket : TcpSockets.connected()) {
                if ((STATES >> socket.state() & 1) == 1) {
                    sockets.add(new SockDiag.Timed(socket, -1));
                }
            }
        }
        return sockets;
    }

    private static List<SockDiag.UnixPair> unix() {
        try {
            return SockDiag.unix();
        } catch (ErrnoException noNetlinkHere) {
            return List.of();
        }
    }
}
