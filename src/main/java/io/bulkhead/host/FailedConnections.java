package io.bulkhead.host;

import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Resolver;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.Incident;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Connections that a program could not make, as it tells of them in its log, and who should have been there.
 *
 * @param target where to; loopback addresses of both families are one
 * @param count lines that tell of it
 * @param timedOut whether nobody answered, rather than refused
 * @param lines some of them
 */
record FailedConnections(Target target, int count, boolean timedOut, List<String> lines) {

    private static final int MOST_LINES = 5;
    private static final int LONGEST_LINE = 300;

    /** @param port 0 for a unix socket, whose path {@code host} is */
    record Target(String host, int port) {

        static Target of(Listen address) {
            return address.port() == 0
                    ? new Target(address.path(), 0)
                    : new Target(address.host().isEmpty() ? "127.0.0.1" : address.host(), address.port());
        }

        String text() {
            return port == 0 ? host : host.indexOf(':') < 0 ? host + ":" + port : "[" + host + "]:" + port;
        }

        private String key() {
            boolean here = host.equals("localhost") || host.startsWith("127.") || host.equals("::1");
            return (here ? "" : host) + ":" + port;
        }
    }

    /** What {@code lines} tell of, the most frequent first; none where no line does, with an address. */
    static List<FailedConnections> in(List<String> lines) {
        Map<String, FailedConnections> found = new LinkedHashMap<>();
        for (String line : lines) {
            String lower = line.toLowerCase(Locale.ROOT);
            boolean refused = isRefusal(lower);
            boolean timedOut = lower.contains("etimedout")
                    || (lower.contains("timed out") || lower.contains("timeout")) && lower.contains("connect");
            if (refused || timedOut) {
                FailedTarget.in(line)
                        .ifPresent(target -> found.merge(
                                target.key(),
                                new FailedConnections(target, 1, !refused, List.of(line)),
                                (a, b) -> a.and(b)));
            }
        }
        List<FailedConnections> all = new ArrayList<>(found.values());
        all.sort((one, other) -> Integer.compare(other.count, one.count));
        return all;
    }

    /** Whether a line in small letters tells that somebody refused, with or without an address. */
    static boolean isRefusal(String line) {
        return line.contains("econnrefused") || line.contains("connection refused");
    }

    private FailedConnections and(FailedConnections more) {
        List<String> all = new ArrayList<>(lines);
        if (all.size() < MOST_LINES && !all.containsAll(more.lines)) {
            all.addAll(more.lines);
        }
        return new FailedConnections(target, count + more.count, timedOut && more.timedOut, all);
    }

    /**
     * Who should be there, and who is.
     *
     * @param missing whether nobody listens there
     * @param here whether it is on this host
     * @param words to follow "connections to … were refused: "
     */
    record Owner(boolean missing, boolean here, String words, List<String> advice) {}

    /** Looks at the host; some milliseconds. */
    Owner owner(Spec spec) {
        Optional<String> external = Optional.empty();
        for (External one : spec.externals().values()) {
            if (Target.of(one.address()).key().equals(target.key())) {
                external = Optional.of(one.name());
            }
        }
        Optional<String> app = Optional.empty();
        for (AppSpec one : spec.apps().values()) {
            for (Listen listen : one.listen()) {
                if (Target.of(listen).key().equals(target.key())) {
                    app = Optional.of(one.name());
                }
            }
        }
        String should = external.isPresent()
                ? ", where " + external.get() + " of `externals` should be"
                : app.isPresent() ? ", where the app " + app.get() + " should be" : "";
        boolean here = target.port() == 0 || !Resolver.local(target.host()).isEmpty();
        if (!here) {
            return new Owner(
                    false,
                    false,
                    target.host() + " is another host" + should,
                    List.of(
                            "look there, and at the network between: is the service up, does a firewall let it through?"));
        }
        List<Listener> all = target.port() == 0 ? Listeners.find(target.host()) : Listeners.find(target.port());
        List<Listener> there = target.port() == 0
                ? all
                : Reach.on(all, new Listen(target.host(), target.port(), "", Listen.Handover.AUTO));
        if (!there.isEmpty()) {
            Listener one = there.getFirst();
            String queue = timedOut ? queue(one) : "";
            return new Owner(
                    false,
                    true,
                    one.holderWords() + " listens there" + (timedOut ? " and does not answer" + queue : " by now")
                            + should,
                    List.of("bulkhead ports shows who has which port"));
        }
        String start = external.isPresent()
                ? "start " + external.get() + " again"
                : app.isPresent()
                        ? "bulkhead status " + app.get()
                        : "start what should listen there, or correct the address";
        if (!all.isEmpty()) {
            return new Owner(
                    true,
                    true,
                    "nobody listens on " + target.text() + should + "; on the same port there is only "
                            + all.getFirst().place() + ", of " + all.getFirst().holderWords(),
                    List.of("write " + all.getFirst().place() + " if that one is meant; else " + start));
        }
        return new Owner(
                true,
                true,
                "nobody listens on " + target.text() + should,
                List.of(start, "bulkhead ports shows who has which port"));
    }

    private static String queue(Listener listener) {
        for (TcpSocket socket : TcpSockets.listening(port -> port == listener.port())) {
            if (socket.inode() == listener.inode() && socket.backlog() > 0) {
                return ": " + socket.backlog() + " connections wait in its queue";
            }
        }
        return "";
    }

    /** An incident of an app that lives on. */
    Incident incident(String app, Owner owner, long millis) {
        return Incident.of(
                millis,
                app,
                -1,
                Unreachable.CAUSE,
                app + ": " + count + (count == 1 ? " connection" : " connections") + " to " + target.text()
                        + (timedOut ? " timed out: " : " refused: ") + owner.words(),
                evidence(owner),
                owner.advice());
    }

    /** The incident of a death in whose last words this stands. */
    Incident addTo(Incident death, Owner owner) {
        List<String> evidence = new ArrayList<>(death.evidence());
        evidence.add(Math.min(1, evidence.size()), "connections to " + target.text() + ": " + owner.words());
        List<String> advice = new ArrayList<>(owner.advice());
        advice.addAll(death.advice());
        return Incident.of(
                death.timeMillis(),
                death.app(),
                death.instance(),
                death.cause(),
                death.summary() + (owner.missing() ? "; " + owner.words() : ""),
                evidence,
                advice);
    }

    private List<String> evidence(Owner owner) {
        List<String> evidence = new ArrayList<>();
        evidence.add(owner.words());
        for (String line : lines) {
            evidence.add(io.bulkhead.story.Explanation.OUTPUT
                    + (line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line));
        }
        return evidence;
    }
}
