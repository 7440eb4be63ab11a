package io.bulkhead.host;

import io.bulkhead.host.FailedConnections.Owner;
import io.bulkhead.host.FailedConnections.Target;
import io.bulkhead.linux.TcpCounters;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/**
 * Makes one incident of a burst of connections that an app cannot make. The way of the log is not touched: the kernel counts the attempts that fail on this host, and only
 * when that figure jumps, a check fails or an external goes away are the lines read that have come since. On the loop, but for the looks.
 */
final class Unreachable implements Lookout.Watcher {

    static final String CAUSE = "unreachable";

    /** Between two beats. One reconnecting client makes a few. */
    private static final int JUMP = 5;

    private static final int ENOUGH_LINES = 3;
    private static final long PAUSE_MILLIS = 5_000;
    private static final long QUIET_MILLIS = 10_000;
    private static final int MOST_OPEN = 100;

    private final Loop loop;
    private final Runs runs;
    private final LogTails tails;
    private final Supplier<Spec> inForce;
    private final Chronicle chronicle;

    private final Map<String, LogPlace> places = new HashMap<>();
    private final Map<Key, Open> open = new LinkedHashMap<>();
    private boolean suspected;
    private long scannedAt = -PAUSE_MILLIS;

    /** Of the thread that looks. */
    private long failedBefore = -1;

    private record Key(String app, int port, String path) {}

    private static final class Open {
        final String incident;
        final Target target;
        final boolean missing;
        long lastAt = Loop.now();

        Open(String incident, Target target, boolean missing) {
            this.incident = incident;
            this.target = target;
            this.missing = missing;
        }
    }

    Unreachable(Loop loop, Runs runs, LogTails tails, Supplier<Spec> inForce, Chronicle chronicle) {
        this.loop = loop;
        this.runs = runs;
        this.tails = tails;
        this.inForce = inForce;
        this.chronicle = chronicle;
    }

    /** Something that apps need may be away: the next beat reads their logs. */
    void suspect() {
        suspected = true;
    }

    @Override
    public Optional<Lookout.Look> next() {
        boolean any = false;
        for (LiveRun run : runs.all()) {
            any |= run.phase == LiveRun.Phase.ALIVE;
        }
        if (!any && open.isEmpty()) {
            return Optional.empty();
        }
        Set<Integer> ports = new HashSet<>();
        open.values().forEach(one -> ports.add(one.target.port()));
        return Optional.of(new Lookout.Look() {
            @Override
            public Set<Integer> ports() {
                return ports;
            }

            @Override
            public Runnable at(List<TcpSocket> listening) {
                long failed = TcpCounters.failedAttempts();
                boolean jump = failedBefore >= 0 && failed - failedBefore >= JUMP;
                failedBefore = failed;
                Set<Integer> served = new HashSet<>();
                listening.forEach(socket -> served.add(socket.port()));
                return () -> seen(jump, served);
            }
        });
    }

    private void seen(boolean jump, Set<Integer> served) {
        long now = Loop.now();
        resolve(now, served);
        suspected |= jump;
        if (suspected && now - scannedAt >= PAUSE_MILLIS) {
            suspected = false;
            scannedAt = now;
            scan();
        }
    }

    /** Over where somebody listens again, or nobody complains any more. */
    private void resolve(long now, Set<Integer> served) {
        for (Iterator<Map.Entry<Key, Open>> all = open.entrySet().iterator(); all.hasNext(); ) {
            Map.Entry<Key, Open> each = all.next();
            Open one = each.getValue();
            long quiet = now - one.lastAt;
            boolean back = one.missing && one.target.port() != 0
                    ? served.contains(one.target.port()) && quiet >= PAUSE_MILLIS
                    : quiet >= 6 * QUIET_MILLIS;
            if (back
                    || runs.all().stream()
                            .noneMatch(run ->
                                    run.instance.app().equals(each.getKey().app()))) {
                all.remove();
                chronicle.resolveIncident(one.incident);
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put(
                        "message", each.getKey().app() + " can be expected to reach " + one.target.text() + " again");
                fields.put("incident", one.incident);
                chronicle.tellApp("connect.back", each.getKey().app(), fields);
            }
        }
    }

    private void scan() {
        Set<String> living = new HashSet<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE && run.compartment.isPresent()) {
                living.add(run.id);
                LogPlace from = places.get(run.id);
                // What a former daemon's run has written may be old.
                boolean onlyPlace = from == null && run.adoptedSince > 0;
                Spec spec = inForce.get();
                tails.since(run, Optional.ofNullable(from), (lines, end) -> {
                    List<FailedConnections> failed = onlyPlace ? List.of() : failed(lines, run, spec);
                    Map<FailedConnections, Owner> owners = new LinkedHashMap<>();
                    failed.forEach(one -> owners.put(one, one.owner(spec)));
                    loop.post(() -> heard(run, end, owners));
                });
            }
        }
        places.keySet().retainAll(living);
    }

    /** Where the lines name no address, what the app depends on and nobody listens for is meant. */
    private static List<FailedConnections> failed(List<String> lines, LiveRun run, Spec spec) {
        List<FailedConnections> found = FailedConnections.in(lines);
        List<String> unnamed = new ArrayList<>();
        for (String line : found.isEmpty() ? lines : List.<String>of()) {
            if (FailedConnections.isRefusal(line.toLowerCase(Locale.ROOT))) {
                unnamed.add(line);
            }
        }
        if (unnamed.size() >= ENOUGH_LINES) {
            for (String name : run.app.dependsOn()) {
                External external = spec.externals().get(name);
                if (external != null) {
                    FailedConnections one = new FailedConnections(
                            Target.of(external.address()), unnamed.size(), false, unnamed.subList(0, ENOUGH_LINES));
                    if (one.owner(spec).missing()) {
                        found.add(one);
                    }
                }
            }
        }
        found.removeIf(one -> one.count() < ENOUGH_LINES);
        return found;
    }

    private void heard(LiveRun run, LogPlace end, Map<FailedConnections, Owner> owners) {
        if (run.phase != LiveRun.Phase.ALIVE) {
            return; // what it said last stands in the incident of its end
        }
        places.put(run.id, end);
        owners.forEach((failed, owner) -> {
            String app = run.instance.app();
            Key key = new Key(
                    app,
                    failed.target().port(),
                    failed.target().port() == 0 ? failed.target().host() : "");
            Open known = open.get(key);
            if (known != null) {
                known.lastAt = Loop.now();
            } else if (open.size() < MOST_OPEN && (owner.missing() || failed.timedOut() || !owner.here())) {
                var incident = failed.incident(app, owner, System.currentTimeMillis());
                String id = chronicle.openIncident(
                        incident,
                        open.keySet().stream().noneMatch(other -> other.app().equals(app)));
                open.put(key, new Open(id, failed.target(), owner.missing()));
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("message", incident.summary());
                fields.put("incident", id);
                fields.put("target", failed.target().text());
                fields.put("alert", true);
                chronicle.tellApp("connect.failed", app, fields);
            }
        });
    }
}
