package io.bulkhead.host;

import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.linux.Signals;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.linux.Tunnel;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Spec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Orphaned ssh tunnels on ports that apps or externals need: told once each, or ended where {@code port_guard.orphan_tunnels} is {@code close}.
 * Nothing else is ever ended. Not on the loop: ending one takes up to a second.
 */
final class OrphanGuard {

    private static final int END_MILLIS = 1_000;
    private static final int MOST_REMEMBERED = 1_000;

    private final Loop loop;
    private final DaemonLog log;
    private final Chronicle chronicle;
    private final Supplier<Spec> inForce;
    private final Set<ProcessIdentity> told = new LinkedHashSet<>();

    /** @param inForce may be asked on any thread */
    OrphanGuard(Loop loop, DaemonLog log, Chronicle chronicle, Supplier<Spec> inForce) {
        this.loop = loop;
        this.log = log;
        this.chronicle = chronicle;
        this.inForce = inForce;
    }

    /** Before {@code app} starts: the ports that it serves, and those of the externals that it depends on. */
    void beforeStart(AppSpec app) {
        Map<Integer, String> ports = new LinkedHashMap<>();
        for (Listen listen : app.listen()) {
            ports.put(listen.port(), app.name() + " serves this port");
        }
        Map<String, External> externals = inForce.get().externals();
        for (String name : app.dependsOn()) {
            External external = externals.get(name);
            if (external != null) {
                ports.put(external.address().port(), app.name() + " needs " + name + " on this port");
            }
        }
        ports.remove(0);
        if (!ports.isEmpty()) {
            List<TcpSocket> listening = TcpSockets.listening();
            ports.forEach((port, why) -> {
                if (listening.stream().anyMatch(socket -> socket.port() == port)) {
                    look(port, why);
                }
            });
        }
    }

    /** Tells of each orphan that listens on {@code port}, or ends it. @param why who needs the port, in words */
    synchronized void look(int port, String why) {
        for (Listener listener : Listeners.find(port)) {
            for (ProcessFacts holder : listener.holders()) {
                Optional<Tunnel> tunnel = Tunnel.of(holder, listener);
                if (tunnel.isPresent() && tunnel.get().kind() == Tunnel.Kind.ORPHAN) {
                    found(listener, holder, tunnel.get(), why);
                }
            }
        }
    }

    private void found(Listener listener, ProcessFacts holder, Tunnel tunnel, String why) {
        boolean first = told.add(holder.identity());
        if (told.size() > MOST_REMEMBERED) {
            told.remove(told.iterator().next());
        }
        String what = "an orphaned ssh tunnel holds " + listener.place() + ": " + holder.words() + " " + tunnel.reason()
                + "; " + why;
        if (inForce.get().portGuard().closesOrphans()) {
            boolean ended = end(holder, listener);
            tell(
                    ended ? "port.orphan-closed" : "port.orphan",
                    what + (ended ? "; it was ended" : "; it could not be ended: kill " + holder.pid()),
                    listener,
                    holder);
        } else if (first) {
            tell(
                    "port.orphan",
                    what + ". End it: kill " + holder.pid() + ", or set port_guard: {orphan_tunnels: close}",
                    listener,
                    holder);
        }
    }

    /** By a descriptor of the process, and only if it is an orphan still. SIGTERM is enough for an ssh. */
    private static boolean end(ProcessFacts holder, Listener listener) {
        try {
            Optional<Pidfd> held = Pidfd.of(holder.identity());
            if (held.isEmpty()) {
                return true;
            }
            try (Pidfd process = held.get()) {
                boolean orphan = Tunnel.of(holder, listener)
                        .filter(now -> now.kind() == Tunnel.Kind.ORPHAN)
                        .isPresent();
                return orphan && process.signal(Signals.TERM) && process.awaitEnd(END_MILLIS);
            }
        } catch (ErrnoException notOurs) {
            return false;
        }
    }

    private void tell(String type, String message, Listener listener, ProcessFacts holder) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("message", message);
        fields.put("address", listener.place());
        fields.put("port", listener.port());
        fields.put("pid", holder.pid());
        fields.put("user", holder.user());
        fields.put("alert", true);
        loop.post(() -> chronicle.tellDaemon(type, fields));
        log.warn(message);
    }
}
