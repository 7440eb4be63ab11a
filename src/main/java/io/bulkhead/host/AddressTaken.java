package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.spec.Listen;
import java.util.List;
import java.util.Optional;
import java.util.Set;

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
            String instance = app.get() + "/" + Proc.HOST.environment(pid, "BULKHEAD_INSTANCE").orElse("0");
            return new Refusal(
                    "listen",
                    message + ", which Bulkhead started for " + instance,
                    "if that one is not supervised any more: kill " + pid + "; else give one of the two another address");
        }
        return new Refusal(
                "listen",
                message,
                holder.get().unit().filter(unit -> unit.endsWith(".service")).map(unit -> "systemctl stop " + unit)
                                .orElse("kill " + pid)
                        + ", or give the app another address");
    }

    /** Whether only processes of {@code own} listen there. */
    static boolean isServedBy(Listen address, Set<Integer> own) {
        for (Listener listener : find(address)) {
            for (ProcessFacts holder : listener.holders()) {
                if (own.contains(holder.pid())) {
                    return true;
                }
            }
        }
        return false;
    }

    private static List<Listener> find(Listen address) {
        return address.port() == 0 ? Listeners.find(address.path()) : Listeners.find(address.port());
    }

    private static String place(Listen address) {
        return address.port() == 0
                ? address.path()
                : address.host().isEmpty() ? "port " + address.port() : address.text();
    }
}
