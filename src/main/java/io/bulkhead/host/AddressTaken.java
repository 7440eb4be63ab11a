package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.Tunnel;
import io.bulkhead.spec.Listen;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Somebody listens where an app is to listen: says who, and what to do about it. */
final class AddressTaken {

    private AddressTaken() {}

    static Refusal refusal(Listen address) {
        List<Listener> listeners = find(address);
        if (listeners.isEmpty()) {
            return new Refusal(
                    "listen",
                    "listen: " + place(address) + " is taken, by nobody that can be seen listening",
                    "something is bound to it, or has just ended: try again, or look with: ss -atnp");
        }
        Listener listener = listeners.getFirst();
        String message = "listen: " + place(address) + " is taken: " + listener.place() + " is held by "
                + listener.holderWords();
        Optional<ProcessFacts> holder = listener.holders().stream().findFirst();
        if (holder.isEmpty()) {
            return new Refusal("listen", message, "end it, or give the app another address");
        }
        int pid = holder.get().pid();
        Optional<String> app = Proc.HOST.environment(pid, "BULKHEAD_APP");
        if (app.isPresent()) {
            String instance = app.get() + "/"
                    + Proc.HOST.environment(pid, "BULKHEAD_INSTANCE").orElse("0");
            return new Refusal(
                    "listen",
                    message + ", which Bulkhead started for " + instance,
                    "if that one is not supervised any more: kill " + pid
                            + "; else give one of the two another address");
        }
        return new Refusal(
                "listen",
                message,
                holder.get()
                                .unit()
                                .filter(unit -> unit.endsWith(".service"))
                                .map(unit -> "systemctl stop " + unit)
                                .orElse("kill " + pid)
                        + ", or give the app another address");
    }

    /** Whether nobody listens there. */
    static boolean isFree(Listen address) {
        return find(address).isEmpty();
    }

    /** Whether somebody listens there whom {@link OrphanGuard} may end. */
    static boolean isHeldByOrphan(Listen address) {
        for (Listener listener : find(address)) {
            for (ProcessFacts holder : listener.holders()) {
                if (Tunnel.of(holder, listener)
                        .filter(tunnel -> tunnel.kind() == Tunnel.Kind.ORPHAN)
                        .isPresent()) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether one of {@code own} listens there. */
    static boolean isServedBy(Listen address, Set<Integer> own) {
        return isServedBy(address, holder -> own.contains(holder.pid()));
    }

    /** The same for the processes of {@code app}, whichever daemon has started them. */
    static boolean isServedFor(Listen address, String app) {
        return isServedBy(
                address,
                holder -> Keeper.keeps(holder.command(), app)
                        || Proc.HOST
                                .environment(holder.pid(), "BULKHEAD_APP")
                                .filter(app::equals)
                                .isPresent());
    }

    private static boolean isServedBy(Listen address, Predicate<ProcessFacts> own) {
        for (Listener listener : find(address)) {
            for (ProcessFacts holder : listener.holders()) {
                if (own.test(holder)) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<Listener> find(Listen address) {
        if (address.port() == 0) {
            return Listeners.find(address.path());
        }
        List<Listener> found = new ArrayList<>();
        for (Listener listener : Listeners.find(address.port())) {
            if (overlap(listener, address)) {
                found.add(listener);
            }
        }
        return found;
    }

    private static boolean overlap(Listener listener, Listen address) {
        boolean everywhere =
                listener.address().equals("::") || listener.address().equals("0.0.0.0");
        try {
            return everywhere
                    || Sockets.resolve(address)
                            .filter(one -> !TcpSocket.text(one).equals(listener.address()))
                            .isEmpty();
        } catch (UnknownHostException unknown) {
            return true;
        }
    }

    private static String place(Listen address) {
        return address.port() == 0
                ? address.path()
                : address.host().isEmpty() ? "port " + address.port() : address.text();
    }
}
