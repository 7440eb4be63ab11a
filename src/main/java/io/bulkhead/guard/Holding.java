package io.bulkhead.guard;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.spec.External;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One connection to an external, as the kernel and the server see it; at least one of them does.
 *
 * @param socket empty for one that the server alone knows: of another host, or of a container
 * @param session empty where the server was not asked or does not show it
 */
public record Holding(External external, Optional<ServiceSocket> socket, Optional<Session> session) {

    /** The process at the client's end; empty where that is elsewhere or may not be seen. */
    public List<Integer> clients() {
        return socket.map(ServiceSocket::clients).orElse(List.of());
    }

    /**
     * Joins both views: by the client's address and port, and unix sockets by the process of the server that serves them.
     *
     * @param externals in the order of the places that {@code sockets} were asked for
     * @param views by name of the external
     */
    public static List<Holding> join(
            List<External> externals, List<ServiceSocket> sockets, Map<String, ServerView> views) {
        List<Holding> holdings = new ArrayList<>();
        for (int i = 0; i < externals.size(); i++) {
            External external = externals.get(i);
            ServerView view = views.get(external.name());
            List<Session> sessions = view == null ? List.of() : view.sessions();
            int index = i;
            List<ServiceSocket> own =
                    sockets.stream().filter(socket -> socket.service() == index).toList();
            holdings.addAll(new Join(external, sessions).with(own));
        }
        return holdings;
    }

    private static final class Join {

        private final External external;
        private final Map<String, Session> byAddress = new HashMap<>();
        private final Map<Integer, List<Session>> byPort = new HashMap<>();
        private final Map<Long, Session> byServer = new HashMap<>();
        private final List<Session> left;

        Join(External external, List<Session> sessions) {
            this.external = external;
            left = new ArrayList<>(sessions);
            for (Session session : sessions) {
                if (session.port() != 0) {
                    byAddress.put(session.address() + " " + session.port(), session);
                    byPort.computeIfAbsent(session.port(), port -> new ArrayList<>())
                            .add(session);
                }
                byServer.put(session.id(), session);
            }
        }

        List<Holding> with(List<ServiceSocket> sockets) {
            List<Holding> joined = new ArrayList<>();
            int unmatched = 0;
            for (ServiceSocket socket : sockets) {
                Optional<Session> session = session(socket);
                session.ifPresent(left::remove);
                unmatched += session.isEmpty() ? 1 : 0;
                joined.add(new Holding(external, Optional.of(socket), session));
            }
            // What the server names by no port is among the sockets that are left over: unix sockets of MySQL, or what
            // it may not show.
            int nameless = unmatched;
            for (Session session : left) {
                if (session.port() == 0 && nameless > 0) {
                    nameless--;
                } else {
                    joined.add(new Holding(external, Optional.empty(), Optional.of(session)));
                }
            }
            return joined;
        }

        private Optional<Session> session(ServiceSocket socket) {
            Session exact = byAddress.get(socket.clientAddress() + " " + socket.clientPort());
            if (exact != null && socket.clientPort() != 0) {
                return Optional.of(exact);
            }
            for (int server : socket.servers()) {
                Session served = byServer.get((long) server);
                if (served != null && served.port() == 0 && left.contains(served)) {
                    return Optional.of(served);
                }
            }
            // Behind a translation of addresses the port usually stays.
            List<Session> candidates = byPort.getOrDefault(socket.clientPort(), List.of());
            return socket.clientPort() != 0 && candidates.size() == 1 && left.contains(candidates.getFirst())
                    ? Optional.of(candidates.getFirst())
                    : Optional.empty();
        }
    }
}
