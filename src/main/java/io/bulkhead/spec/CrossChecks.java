package io.bulkhead.spec;

import io.bulkhead.spec.Merge.Declared;
import io.bulkhead.spec.Node.Scalar;
import io.bulkhead.spec.SourceText.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What can be wrong between apps: dependencies that do not exist or go round, unknown pools, two apps on one address. */
final class CrossChecks {

    private final Map<String, Declared> apps;
    private final Set<String> pools;
    private final Set<String> externals;
    private final Map<String, Declared> tunnels;
    private final Problems problems;

    CrossChecks(
            Map<String, Declared> apps,
            Set<String> pools,
            Set<String> externals,
            Map<String, Declared> tunnels,
            Problems problems) {
        this.apps = apps;
        this.pools = pools;
        this.externals = externals;
        this.tunnels = tunnels;
        this.problems = problems;
    }

    void check() {
        apps.forEach(this::knownDependencies);
        apps.forEach(this::knownPool);
        apps.forEach(this::knownServices);
        cycles();
        addresses();
    }

    private void knownPool(String name, Declared app) {
        Optional<String> pool = app.values().get(MemoryKeys.POOL);
        if (pool.isPresent() && !pools.contains(pool.get())) {
            problems.error(
                    app.values().place(MemoryKeys.POOL),
                    "\"pool\" names " + Words.quoted(pool.get()) + ", which is no pool"
                            + Words.didYouMean(pool.get(), List.copyOf(pools)),
                    "declare it: pools: {" + pool.get() + ": {memory: 1G}}");
        }
    }

    private void knownServices(String name, Declared app) {
        for (String service :
                app.values().get(ExternalKeys.CONNECTIONS).orElse(Map.of()).keySet()) {
            if (!externals.contains(service)) {
                problems.error(
                        app.values().place(ExternalKeys.CONNECTIONS),
                        "\"connections\" names " + Words.quoted(service) + ", which is no external"
                                + Words.didYouMean(service, List.copyOf(externals)),
                        "declare it: externals: {" + service + ": {address: 127.0.0.1:5432}}");
            }
        }
    }

    private void knownDependencies(String name, Declared app) {
        List<String> wanted = app.values().get(AppKeys.DEPENDS_ON).orElse(List.of());
        for (String other : wanted) {
            if (!apps.containsKey(other) && !externals.contains(other) && !tunnels.containsKey(other)) {
                List<String> known = new ArrayList<>(apps.keySet());
                known.addAll(externals);
                known.addAll(tunnels.keySet());
                known.remove(name);
                problems.error(
                        placeOf(app, other),
                        "\"depends_on\" names " + Words.quoted(other) + ", which is no app, external or tunnel"
                                + Words.didYouMean(other, known),
                        "declare it, or remove it here");
            }
        }
    }

    /** Where a dependency's name stands: in a list, as a map's key, or alone. */
    private static Place placeOf(Declared app, String dependency) {
        Optional<Node> node = app.values().node(AppKeys.DEPENDS_ON);
        Place place = app.values().place(AppKeys.DEPENDS_ON);
        if (node.orElse(null) instanceof Node.Sequence list) {
            for (Node item : list.items()) {
                if (item instanceof Scalar scalar && scalar.text().equals(dependency)) {
                    return item.place();
                }
            }
        }
        if (node.orElse(null) instanceof Node.Mapping map) {
            for (Node.Entry entry : map.entries()) {
                if (entry.key().text().equals(dependency)) {
                    return entry.key().place();
                }
            }
        }
        return place;
    }

    /** Follows dependencies depth first, without recursion: a file may chain thousands of apps. */
    private void cycles() {
        Set<String> done = new HashSet<>();
        for (String start : apps.keySet()) {
            List<String> path = new ArrayList<>();
            List<Integer> next = new ArrayList<>();
            Map<String, Integer> onPath = new HashMap<>();
            enter(start, path, next, onPath, done);
            while (!path.isEmpty()) {
                String app = path.getLast();
                List<String> wanted = dependencies(app);
                int index = next.getLast();
                if (index == wanted.size()) {
                    path.removeLast();
                    next.removeLast();
                    onPath.remove(app);
                    done.add(app);
                    continue;
                }
                next.set(next.size() - 1, index + 1);
                String other = wanted.get(index);
                Integer seenAt = onPath.get(other);
                if (seenAt != null) {
                    report(path.subList(seenAt, path.size()));
                } else if (apps.containsKey(other)) {
                    enter(other, path, next, onPath, done);
                }
            }
        }
    }

    private static void enter(
            String app, List<String> path, List<Integer> next, Map<String, Integer> onPath, Set<String> done) {
        if (!done.contains(app)) {
            onPath.put(app, path.size());
            path.add(app);
            next.add(0);
        }
    }

    private List<String> dependencies(String app) {
        Declared found = apps.get(app);
        return found == null
                ? List.of()
                : found.values().get(AppKeys.DEPENDS_ON).orElse(List.of());
    }

    private void report(List<String> cycle) {
        String last = cycle.getLast();
        Declared app = apps.get(last);
        if (app == null) {
            return;
        }
        String first = cycle.getFirst();
        if (cycle.size() == 1) {
            problems.error(
                    placeOf(app, first), "the app " + Words.quoted(first) + " depends on itself", "remove it here");
            return;
        }
        String way = cycle.size() > 10
                ? String.join(" → ", cycle.subList(0, 9)) + " → … → " + first
                : String.join(" → ", cycle) + " → " + first;
        problems.error(
                placeOf(app, first),
                "\"depends_on\" goes round in a circle: " + way,
                "remove one of these dependencies, so that one app can start first");
    }

    private void addresses() {
        Map<String, List<Listener>> byPortOrPath = new HashMap<>();
        apps.forEach((name, app) -> {
            for (Listen address : app.values().get(ListenKeys.LISTEN).orElse(List.of())) {
                Listener own = new Listener("app", name, address, app.values().place(ListenKeys.LISTEN));
                address(own, byPortOrPath);
            }
        });
        tunnels.forEach((name, tunnel) -> tunnel.values()
                .get(TunnelKeys.FORWARD)
                .ifPresent(forward -> {
                    String host = forward.forEverybody() ? "" : forward.bind();
                    Listen address = new Listen(host, forward.port(), "", Listen.Handover.NEVER);
                    address(
                            new Listener(
                                    "tunnel", name, address, tunnel.values().place(TunnelKeys.FORWARD)),
                            byPortOrPath);
                }));
    }

    private void address(Listener own, Map<String, List<Listener>> byPortOrPath) {
        Listen address = own.address;
        List<Listener> others = byPortOrPath.computeIfAbsent(address.port() + address.path(), key -> new ArrayList<>());
        for (Listener other : others) {
            if (address.clashes(other.address())) {
                problems.error(
                        own.place,
                        "the " + own.kind + " " + Words.quoted(own.name) + " listens on " + spoken(address)
                                + ", as does " + Words.quoted(other.name()) + " ("
                                + other.place().shown() + ")",
                        "give one of them another address");
                break;
            }
        }
        others.add(own);
    }

    private static String spoken(Listen address) {
        return address.port() > 0 && address.host().isEmpty() ? "port " + address.port() : address.text();
    }

    private record Listener(String kind, String name, Listen address, Place place) {}
}
