package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.guard.ExternalLook;
import io.bulkhead.guard.ExternalLook.Sight;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Spec;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * Keeps an eye on the externals that apps depend on, and tells core which are away. Those on this host are looked up among the sockets that listen; one that
 * is elsewhere and answers is connected to every thirty seconds. On the loop.
 */
final class ExternalWatch implements Lookout.Watcher {

    private static final long CONNECT_MILLIS = 30_000;

    /** Somebody else on its port is looked at anew every fifth time: it may have become an orphan since. */
    private static final int STRANGER_LOOKS = 5;

    /** What is known of one external. */
    private static final class Known {
        final External external;
        Sight sight;
        boolean lookedAt;
        long connectedAt;

        Known(External external) {
            this.external = external;
            this.sight = Sight.away("");
        }

        boolean connectedLately() {
            return sight.connected() && !sight.away() && Loop.now() - connectedAt < CONNECT_MILLIS;
        }
    }

    private final Lookout lookout;
    private final DaemonLog log;
    private final Chronicle chronicle;
    private final OrphanGuard guard;
    private final Consumer<Event> happened;
    private final Map<String, Known> known = new LinkedHashMap<>();
    private Map<String, String> told = Map.of();
    private Optional<ConnectionWatch> connections = Optional.empty();
    /** Of the thread that looks. */
    private int looks;

    ExternalWatch(Lookout lookout, DaemonLog log, Chronicle chronicle, OrphanGuard guard, Consumer<Event> happened) {
        this.lookout = lookout;
        this.log = log;
        this.chronicle = chronicle;
        this.guard = guard;
        this.happened = happened;
    }

    /** {@code watch} is told of every configuration, and of an external that is back. */
    void alsoTell(ConnectionWatch watch) {
        connections = Optional.of(watch);
    }

    /** Before apps of {@code spec} are started: what was not looked at yet counts as away for the milliseconds of the first look. */
    void expect(Spec spec) {
        Map<String, External> needed = needed(spec);
        known.values().removeIf(one -> !one.external.equals(needed.get(one.external.name())));
        needed.forEach((name, external) -> known.computeIfAbsent(name, added -> new Known(external)));
        tell();
        connections.ifPresent(watch -> watch.expect(spec));
        lookout.soon();
    }

    private static Map<String, External> needed(Spec spec) {
        Map<String, External> needed = new LinkedHashMap<>();
        for (AppSpec app : spec.apps().values()) {
            for (String name : app.dependsOn()) {
                External external = spec.externals().get(name);
                if (external != null) {
                    needed.put(name, external);
                }
            }
        }
        return needed;
    }

    @Override
    public Optional<Lookout.Look> next() {
        if (known.isEmpty()) {
            return Optional.empty();
        }
        Map<External, Sight> before = new LinkedHashMap<>();
        Set<External> kept = new HashSet<>();
        Set<Integer> ports = new HashSet<>();
        for (Known one : known.values()) {
            before.put(one.external, one.sight);
            ports.add(one.external.address().port());
            if (one.connectedLately()) {
                kept.add(one.external);
            }
        }
        return Optional.of(new Lookout.Look() {
            @Override
            public Set<Integer> ports() {
                return ports;
            }

            @Override
            public Runnable at(List<TcpSocket> listening) {
                looks++;
                Map<External, Sight> seen = new LinkedHashMap<>();
                before.forEach((external, sight) ->
                        seen.put(external, kept.contains(external) ? sight : look(external, sight, listening)));
                return () -> looked(seen);
            }
        });
    }

    private Sight look(External external, Sight before, List<TcpSocket> listening) {
        int port = external.address().port();
        // As long as the very same sockets listen there, it is what it was.
        boolean same = !before.sockets().isEmpty() && before.sockets().equals(ExternalLook.onPort(listening, port));
        if (same && (!before.away() || looks % STRANGER_LOOKS != 0)) {
            return before;
        }
        if (port != 0) {
            guard.look(port, "the external " + external.name() + " has this port");
        }
        return ExternalLook.at(external, listening);
    }

    private void looked(Map<External, Sight> seen) {
        seen.forEach((external, sight) -> {
            Known one = known.get(external.name());
            if (one == null || !one.external.equals(external)) {
                return;
            }
            if (sight.connected() && sight != one.sight) {
                one.connectedAt = Loop.now();
            }
            if (!one.lookedAt
                    || one.sight.away() != sight.away()
                    || !one.sight.words().equals(sight.words())) {
                record(one, sight);
            }
            if (one.external.url().isPresent()
                    && one.lookedAt
                    && !sight.away()
                    && (one.sight.away() || !one.sight.sockets().equals(sight.sockets()))) {
                connections.ifPresent(ConnectionWatch::askNow);
            }
            one.sight = sight;
            one.lookedAt = true;
        });
        tell();
    }

    private void record(Known one, Sight sight) {
        if (!one.lookedAt && !sight.away()) {
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("external", one.external.name());
        fields.put("address", one.external.address().text());
        String name = one.external.name();
        fields.put("message", sight.away() ? name + " is away: " + sight.words() : name + " is back");
        chronicle.tellDaemon(sight.away() ? "external.away" : "external.back", fields);
        log.info(String.valueOf(fields.get("message")));
    }

    private void tell() {
        Map<String, String> away = new TreeMap<>();
        known.forEach((name, one) -> {
            if (one.sight.away()) {
                away.put(name, one.lookedAt ? one.sight.words() : "");
            }
        });
        if (!away.equals(told)) {
            told = away;
            happened.accept(new Event.ExternalsAway(away));
        }
    }
}
