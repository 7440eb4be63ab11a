package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.ServiceSocket;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What has been seen of one run's connections to one external. On the loop. */
final class ConnectionRecord {

    /** @param run its id */
    record Key(String run, String service) {}

    /** The pool of pg keeps what was given back for 10 s; see {@code guard.LeakRule}. */
    private static final long QUIET_MILLIS = 12_000;

    private final InstanceId instance;
    /** By the client's port: for how long nothing had passed, at the last look. */
    private Map<Integer, Long> quiet = new HashMap<>();

    private Set<Integer> closing = new HashSet<>();
    /** Closed by the server at the last two looks. */
    private Set<Integer> lasting = new HashSet<>();

    private int count;
    /** Some have been closed by the run itself while others went on: it has a pool that closes what is idle. */
    private boolean closes;
    /** Some were used again after a longer rest than a forgetful pool's would be: it keeps what is idle on purpose. */
    private boolean keeps;

    private boolean toldLeft;
    private boolean toldOver;
    private int toldLeaked;

    ConnectionRecord(InstanceId instance) {
        this.instance = instance;
    }

    InstanceId instance() {
        return instance;
    }

    /** At the last look. */
    int count() {
        return count;
    }

    void seen(List<ServiceSocket> sockets) {
        Map<Integer, Long> now = new HashMap<>();
        Set<Integer> left = new HashSet<>();
        for (ServiceSocket socket : sockets) {
            if (socket.leftOpen()) {
                left.add(socket.clientPort());
            } else if (socket.clientPort() != 0) {
                now.put(socket.clientPort(), socket.quietMillis());
                long before = quiet.getOrDefault(socket.clientPort(), -1L);
                keeps |= before >= QUIET_MILLIS && socket.quietMillis() < before;
            }
        }
        for (int port : quiet.keySet()) {
            closes |= !now.isEmpty() && !now.containsKey(port) && !left.contains(port);
        }
        if (left.isEmpty()) {
            toldLeft = false;
        }
        lasting = new HashSet<>(left);
        lasting.retainAll(closing);
        closing = left;
        quiet = now;
        count = sockets.size();
    }

    /** Whether the server should be asked: something rests longer than a pool lets it. */
    boolean suspicious() {
        return !keeps && quiet.values().stream().anyMatch(millis -> millis >= QUIET_MILLIS);
    }

    /** Told once while it lasts: closed by the server at two looks, and not by the program. */
    Optional<String> leftOpen() {
        if (lasting.isEmpty() || toldLeft) {
            return Optional.empty();
        }
        toldLeft = true;
        return Optional.of(lasting.size() + (lasting.size() == 1 ? " connection" : " connections")
                + " that the server has closed are kept open by the program (CLOSE_WAIT)");
    }

    /** Told once while it lasts. @param sum of all instances of the app */
    Optional<String> over(int sum, int most, String service) {
        if (sum <= most) {
            toldOver = false;
            return Optional.empty();
        }
        if (toldOver || count == 0) {
            return Optional.empty();
        }
        toldOver = true;
        return Optional.of(instance.app() + " holds " + sum + " connections to " + service + ", and may hold " + most
                + " (`connections`)");
    }

    /**
     * What the server says of it, in words where that is news. What only looks like a leak because of its age is believed when the pool is known to close others.
     */
    Optional<String> leaks(Optional<ConnectionsDocument.Leak> leak) {
        if (leak.isEmpty()) {
            toldLeaked = 0;
            return Optional.empty();
        }
        ConnectionsDocument.Leak found = leak.get();
        boolean believed = found.certain() || closes && !keeps;
        if (!believed || found.count() <= toldLeaked) {
            return Optional.empty();
        }
        toldLeaked = found.count();
        return Optional.of(found.words());
    }
}
