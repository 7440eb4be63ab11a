package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Target;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.Durations;
import io.bulkhead.spec.TunnelSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * Closes tunnels whose {@code max_age} or {@code idle} is over, and never one that a client is connected to. Looks at the kernel's sockets, and only while a tunnel
 * with a lease is up. On the loop, the looks on the worker.
 */
final class TunnelLeases {

    private static final long LONGEST_GAP_MILLIS = 10_000;
    private static final long SHORTEST_GAP_MILLIS = 1_000;

    /** How long before its end a lease is announced, at most; a fifth of a shorter one. */
    private static final long NOTICE_MILLIS = 60_000;

    /** One tunnel that is up. */
    private static final class Lease {
        final TunnelSpec tunnel;
        final long openedAt;
        long usedAt;
        int clients;
        boolean announced;

        Lease(TunnelSpec tunnel, long openedAt) {
            this.tunnel = tunnel;
            this.openedAt = openedAt;
            this.usedAt = Loop.now();
        }

        /** On the loop's clock, if nobody connects until then. */
        OptionalLong ends() {
            OptionalLong byAge = tunnel.maxAge().isPresent()
                    ? OptionalLong.of(openedAt + tunnel.maxAge().get().toMillis())
                    : OptionalLong.empty();
            if (tunnel.idle().isEmpty()) {
                return byAge;
            }
            long byUse = usedAt + tunnel.idle().get().toMillis();
            return OptionalLong.of(byAge.isPresent() ? Math.min(byAge.getAsLong(), byUse) : byUse);
        }

        /** The kernel remembers a connection for a minute: no news to an idle time shorter than that. */
        boolean maySeeLeavers() {
            return tunnel.idle().filter(time -> time.toMinutes() >= 2).isPresent();
        }

        /** How long before its end it is announced. */
        long notice() {
            Duration whole = tunnel.idle().or(tunnel::maxAge).orElse(Duration.ZERO);
            return Math.clamp(whole.toMillis() / 5, SHORTEST_GAP_MILLIS, NOTICE_MILLIS);
        }

        String words() {
            boolean idle = tunnel.idle().isPresent()
                    && ends().getAsLong() == usedAt + tunnel.idle().get().toMillis();
            return idle
                    ? "no client for " + Durations.text(tunnel.idle().get())
                    : "its time of " + Durations.text(tunnel.maxAge().orElse(Duration.ZERO)) + " is over";
        }
    }

    private final Loop loop;
    private final Worker worker;
    private final Supervision supervision;
    private final Chronicle chronicle;
    private final TunnelTerminals terminals;
    private final Map<String, Lease> leases = new HashMap<>();
    /** Why the declared ones are closed that a lease has ended. */
    private final Map<String, String> over = new HashMap<>();

    private boolean looking;

    TunnelLeases(Loop loop, Worker worker, Supervision supervision, Chronicle chronicle, TunnelTerminals terminals) {
        this.loop = loop;
        this.worker = worker;
        this.supervision = supervision;
        this.chronicle = chronicle;
        this.terminals = terminals;
    }

    /** Tunnels may have come up that have a lease. */
    void look() {
        if (!looking) {
            looking = true;
            again();
        }
    }

    /** When the lease of a tunnel ends, milliseconds from now, if nobody connects until then; empty without a lease. */
    OptionalLong left(String name) {
        Lease lease = leases.get(name);
        if (lease == null || lease.clients > 0 || lease.ends().isEmpty()) {
            return OptionalLong.empty();
        }
        return OptionalLong.of(Math.max(0, lease.ends().getAsLong() - Loop.now()));
    }

    /** Why a declared tunnel is closed; empty when no lease has closed it. */
    Optional<String> over(String name) {
        return Optional.ofNullable(over.get(name));
    }

    private void again() {
        Map<String, Lease> up = new LinkedHashMap<>();
        for (AppView view : supervision.supervisor().apps()) {
            Optional<TunnelSpec> leased = view.spec()
                    .tunnel()
                    .filter(tunnel ->
                            tunnel.maxAge().isPresent() || tunnel.idle().isPresent());
            Optional<InstanceView> running = view.instances().stream()
                    .filter(one -> one.pid().isPresent() && !one.held())
                    .findFirst();
            Lease known = leases.get(view.name());
            if (leased.isPresent() && running.isPresent()) {
                over.remove(view.name());
                up.put(view.name(), lease(view.name(), leased.get(), running.get()));
            } else if (leased.isPresent() && known != null && wanted(view)) {
                up.put(view.name(), known);
            }
        }
        leases.keySet().retainAll(up.keySet());
        leases.putAll(up);
        if (up.isEmpty()) {
            looking = false;
            return;
        }
        worker.execute(() -> {
            List<TcpSocket> connected = TcpSockets.connected();
            Map<String, Seen> seen = new HashMap<>();
            up.forEach((name, lease) -> seen.put(
                    name,
                    new Seen(
                            TunnelClients.count(lease.tunnel.forward(), connected),
                            TunnelClients.usedLately(lease.tunnel.forward(), connected))));
            loop.post(() -> looked(seen));
        });
    }

    /** ssh is just being started again: the lease goes on. */
    private static boolean wanted(AppView view) {
        return view.instances().stream().anyMatch(one -> !one.held());
    }

    private Lease lease(String name, TunnelSpec tunnel, InstanceView running) {
        Lease known = leases.get(name);
        if (known != null && known.tunnel.equals(tunnel)) {
            return known;
        }
        long age = System.currentTimeMillis() - running.started().orElse(System.currentTimeMillis());
        return new Lease(tunnel, known == null ? Loop.now() - Math.max(0, age) : known.openedAt);
    }

    /** @param lately whether one has left since the look before */
    private record Seen(int clients, boolean lately) {}

    private void looked(Map<String, Seen> seen) {
        long now = Loop.now();
        long next = LONGEST_GAP_MILLIS;
        for (Map.Entry<String, Seen> each : seen.entrySet()) {
            Lease lease = leases.get(each.getKey());
            if (lease == null) {
                continue;
            }
            lease.clients = each.getValue().clients();
            boolean used = lease.clients > 0 || each.getValue().lately() && lease.maySeeLeavers();
            if (used) {
                lease.usedAt = now;
                lease.announced = false;
            }
            if (lease.clients > 0) {
                continue;
            }
            long left = lease.ends().orElse(Long.MAX_VALUE) - now;
            // Never without a word before: on a busy host this look may come late.
            if (left <= 0 && lease.announced) {
                close(each.getKey(), lease);
            } else {
                announce(each.getKey(), lease, left);
                next = Math.min(
                        next, left > lease.notice() ? left - lease.notice() : Math.max(left, SHORTEST_GAP_MILLIS));
            }
        }
        loop.after(Math.max(SHORTEST_GAP_MILLIS / 2, next), this::again);
    }

    private void announce(String name, Lease lease, long left) {
        if (!lease.announced && left <= lease.notice()) {
            lease.announced = true;
            chronicle.tellTunnel(
                    "tunnel.closing",
                    name,
                    "is closed in " + (Math.max(left, SHORTEST_GAP_MILLIS) + 999) / 1000
                            + " s unless a client connects: its lease ends");
        }
    }

    private void close(String name, Lease lease) {
        String why = lease.words();
        Optional<AppView> view = supervision.supervisor().app(name);
        leases.remove(name);
        Target target = new Target(Optional.of(name), OptionalInt.empty());
        if (view.isPresent() && view.get().origin() == Origin.TERMINAL) {
            terminals.closed(name, why);
            supervision.wish(new Event.DeleteWish(target), false);
        } else {
            over.put(name, why);
            chronicle.tellTunnel(
                    "tunnel.closed", name, "closed: " + why + "; bulkhead tunnel open " + name + " opens it");
            supervision.wish(new Event.StopWish(target), false);
        }
    }
}
