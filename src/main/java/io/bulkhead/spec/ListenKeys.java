package io.bulkhead.spec;

import io.bulkhead.spec.Listen.Handover;
import java.util.List;

/** The addresses that an app serves. */
final class ListenKeys {

    /** They take the descriptors 3 to 6; those behind are Bulkhead's own. */
    private static final int MOST_HANDED_OVER = 4;

    static final Key<List<Listen>> LISTEN = Key.of(
                    "listen", Listens.TYPE, "Addresses it serves: a port, HOST:PORT, the path of a socket, or a list.")
            .foreign("port", "ports", "expose");

    private ListenKeys() {}

    static List<Listen> bind(Values app, Scope scope) {
        List<Listen> all = app.get(LISTEN).orElse(List.of());
        int handedOver = 0;
        for (int i = 0; i < all.size(); i++) {
            Listen one = all.get(i);
            handedOver += one.handover() == Handover.NEVER ? 0 : 1;
            for (Listen other : all.subList(0, i)) {
                if (one.clashes(other)) {
                    scope.wrong(
                            app.place(LISTEN),
                            "\"listen\" has " + one.text() + " and " + other.text() + ", which are one address",
                            "keep one of the two");
                }
            }
        }
        if (handedOver > MOST_HANDED_OVER) {
            scope.wrong(
                    app.place(LISTEN),
                    "\"listen\" has " + handedOver + " addresses that Bulkhead opens, and hands over "
                            + MOST_HANDED_OVER + " at most",
                    "write handover: false at those that the program may open itself");
        }
        return all;
    }

    /** Whether two programs can serve side by side, since neither opens an address itself. */
    static boolean allHandedOver(List<Listen> addresses) {
        for (Listen address : addresses) {
            if (address.handover() == Handover.NEVER) {
                return false;
            }
        }
        return !addresses.isEmpty();
    }

    /** Whether Bulkhead may hold a socket of the app. */
    static boolean handedOver(List<Listen> addresses) {
        for (Listen address : addresses) {
            if (address.handover() != Handover.NEVER) {
                return true;
            }
        }
        return false;
    }
}
