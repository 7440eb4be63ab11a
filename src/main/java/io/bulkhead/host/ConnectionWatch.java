package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.guard.ServerView;
import io.bulkhead.guard.ServicePlaces;
import io.bulkhead.host.ConnectionRecord.Key;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.linux.ServiceSockets;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.Explanation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * Keeps an eye on the connections of apps that have written how many they may hold. Every ten seconds the kernel's sockets are looked at, by the apps' own processes
 * alone; the databases are asked by a child only when something looks forgotten: at once, and then at most once a minute and ever more seldom while that stays
 * the same. On the loop; the looks run on a thread of their own, which exists only where there is something to look at.
 */
final class ConnectionWatch {

    private static final long LOOK_MILLIS = 10_000;
    private static final long ASK_MILLIS = 60_000;
    private static final long MOST_ASK_MILLIS = 600_000;

    /** The first pause before one that was just starting, or was full, is asked again. */
    private static final long AGAIN_MILLIS = 2_000;

    private static final Set<String> PASSING = Set.of("starting", "silent", "full");

    /** After a start or an apply; the apps are busy with their own start before. */
    private static final long FIRST_ASK_MILLIS = 3_000;

    private final Loop loop;
    private final DaemonLog log;
    private final Runs runs;
    private final Compartments compartments;
    private final Services services;
    private final KnownServers servers;
    private final Chronicle chronicle;
    private final Map<Key, ConnectionRecord> records = new HashMap<>();
    private Spec spec;
    private Optional<Worker> looker = Optional.empty();
    private boolean looking;
    private boolean asking;
    /** Whether something looked forgotten at the last look. */
    private boolean suspected;

    private long askedAt;
    private long pause = ASK_MILLIS;
    private long again = AGAIN_MILLIS;
    /** Asked for while another answer was under way, which may be too old. */
    private boolean owed;

    ConnectionWatch(
            Loop loop,
            DaemonLog log,
            Runs runs,
            Compartments compartments,
            Services services,
            KnownServers servers,
            Chronicle chronicle,
            Spec spec) {
        this.loop = loop;
        this.log = log;
        this.runs = runs;
        this.compartments = compartments;
        this.services = services;
        this.servers = servers;
        this.chronicle = chronicle;
        this.spec = spec;
    }

    /** From now on this configuration holds. */
    void expect(Spec next) {
        spec = next;
        askedAt = 0;
        pause = ASK_MILLIS;
        again = AGAIN_MILLIS;
        if (spec.externals().values().stream().anyMatch(one -> one.url().isPresent())) {
            loop.after(FIRST_ASK_MILLIS, this::ask);
        }
        if (!looking && !watched().isEmpty()) {
            looking = true;
            look();
        }
    }

    /** One is back, or may be another on purpose: who it is now is asked at once, and again while it only starts. */
    void askNow() {
        loop.post(() -> {
            again = AGAIN_MILLIS;
            owed = asking;
            ask();
        });
    }

    /** For the incident of a run that has ended: who held what it may have lacked. */
    void ended(String run) {
        Set<String> services = new TreeSet<>();
        records.keySet().forEach(key -> services.add(key.service()));
        List<String> lines = new ArrayList<>();
        for (String service : services) {
            List<String> holders = new ArrayList<>();
            records.forEach((key, record) -> {
                if (key.service().equals(service) && !key.run().equals(run) && record.count() > 0) {
                    int pid = runs.find(key.run()).map(live -> live.pid).orElse(0);
                    holders.add(record.count() + " by " + record.instance() + " (pid " + pid + ")");
                }
            });
            if (!holders.isEmpty()) {
                holders.sort(null);
                lines.add(Explanation.CONNECTIONS + service + ", at the last look: " + String.join(", ", holders));
            }
        }
        if (!lines.isEmpty()) {
            chronicle.addEvidence(run, lines);
        }
    }

    private List<External> watched() {
        Set<String> names = new HashSet<>();
        for (AppSpec app : spec.apps().values()) {
            names.addAll(app.connections().keySet());
        }
        List<External> externals = new ArrayList<>();
        for (External external : spec.externals().values()) {
            if (names.contains(external.name())) {
                externals.add(external);
            }
        }
        return externals;
    }

    private void look() {
        List<External> externals = watched();
        if (externals.isEmpty()) {
            looking = false;
            records.clear();
            return;
        }
        Map<Integer, String> processes = new HashMap<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE && !run.app.connections().isEmpty()) {
                compartments.members(run).forEach(pid -> processes.put(pid, run.id));
                for (String service : run.app.connections().keySet()) {
                    records.computeIfAbsent(new Key(run.id, service), first -> new ConnectionRecord(run.instance));
                }
            }
        }
        records.keySet().removeIf(key -> runs.find(key.run()).isEmpty());
        if (processes.isEmpty()) {
            loop.after(LOOK_MILLIS, this::look);
            return;
        }
        if (looker.isEmpty()) {
            looker = Optional.of(new Worker("connections", log));
        }
        looker.get().execute(() -> {
            Map<Key, List<ServiceSocket>> seen = new HashMap<>();
            try {
                seen.putAll(seen(externals, processes));
            } finally {
                loop.post(() -> looked(seen));
            }
        });
    }

    private static Map<Key, List<ServiceSocket>> seen(List<External> externals, Map<Integer, String> processes) {
        Map<Key, List<ServiceSocket>> seen = new HashMap<>();
        for (ServiceSocket socket : ServiceSockets.of(ServicePlaces.of(externals), processes.keySet())
                .sockets()) {
            for (int pid : socket.clients()) {
                String run = processes.get(pid);
                if (run != null) {
                    Key key = new Key(run, externals.get(socket.service()).name());
                    seen.computeIfAbsent(key, first -> new ArrayList<>()).add(socket);
                    break;
                }
            }
        }
        return seen;
    }

    private void looked(Map<Key, List<ServiceSocket>> seen) {
        boolean suspicious = false;
        for (Map.Entry<Key, ConnectionRecord> each : records.entrySet()) {
            Key key = each.getKey();
            each.getValue().seen(seen.getOrDefault(key, List.of()));
            suspicious |= each.getValue().suspicious();
            each.getValue().leftOpen().ifPresent(words -> tell("connections.leaked", key, words));
            over(key).ifPresent(words -> tell("connections.over-budget", key, words));
        }
        counted();
        boolean news = suspicious && !suspected;
        suspected = suspicious;
        if (!suspicious) {
            pause = ASK_MILLIS;
        } else if (news || askedAt == 0 || Loop.now() - askedAt >= pause) {
            ask();
        }
        loop.after(LOOK_MILLIS, this::look);
    }

    private void counted() {
        Map<String, Integer> sums = new HashMap<>();
        records.forEach((key, record) -> sums.merge(key.run(), record.count(), Integer::sum));
        sums.forEach((run, sum) -> runs.find(run).ifPresent(live -> live.connections = OptionalInt.of(sum)));
    }

    /** Told once: of the run that took more than all of its app may hold together. */
    private Optional<String> over(Key key) {
        ConnectionRecord record = records.get(key);
        AppSpec app = record == null ? null : spec.apps().get(record.instance().app());
        Integer most = app == null ? null : app.connections().get(key.service());
        if (record == null || most == null) {
            return Optional.empty();
        }
        int sum = 0;
        for (Map.Entry<Key, ConnectionRecord> each : records.entrySet()) {
            boolean same = each.getKey().service().equals(key.service())
                    && each.getValue().instance().app().equals(record.instance().app());
            boolean former =
                    runs.find(each.getKey().run()).filter(run -> run.asked).isPresent();
            sum += same && !former ? each.getValue().count() : 0;
        }
        return record.over(sum, most, key.service());
    }

    private void ask() {
        List<External> externals = new ArrayList<>(spec.externals().values());
        externals.removeIf(external -> external.url().isEmpty());
        if (asking || externals.isEmpty()) {
            return;
        }
        asking = true;
        askedAt = Loop.now();
        Belonging belonging = Belonging.of(runs);
        Thread.ofPlatform().name("ask-services").daemon(true).start(() -> {
            ConnectionsDocument found = services.look(externals, belonging);
            loop.post(() -> asked(found));
        });
    }

    private void asked(ConnectionsDocument found) {
        asking = false;
        boolean notYet = found.views().stream().anyMatch(view -> PASSING.contains(view.trouble()));
        if (owed || notYet && again <= ASK_MILLIS) {
            loop.after(owed ? 0 : again, this::ask);
            again *= 2;
            owed = false;
        }
        found.views().forEach(servers::seen);
        servers.acceptNoMore();
        Map<Key, ConnectionsDocument.Leak> leaks = new LinkedHashMap<>();
        for (ConnectionsDocument.Leak leak : found.leaks()) {
            leaks.putIfAbsent(new Key(leak.run(), leak.service()), leak);
        }
        boolean news = false;
        for (Map.Entry<Key, ConnectionRecord> each : records.entrySet()) {
            Optional<String> words = each.getValue().leaks(Optional.ofNullable(leaks.get(each.getKey())));
            news |= words.isPresent();
            words.ifPresent(said -> tell("connections.leaked", each.getKey(), said));
        }
        pause = news ? ASK_MILLIS : Math.min(MOST_ASK_MILLIS, 2 * pause);
    }

    /** What {@code connections} has just learned of the servers, for a person. From any thread. */
    void learned(Collection<ServerView> views) {
        loop.post(() -> views.forEach(servers::seen));
    }

    private void tell(String type, Key key, String words) {
        ConnectionRecord record = records.get(key);
        if (record == null) {
            return;
        }
        InstanceId instance = record.instance();
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("service", key.service());
        runs.find(key.run()).ifPresent(run -> fields.put("pid", run.pid));
        fields.put("message", words);
        fields.put("hint", "bulkhead connections");
        chronicle.tell(type, instance, key.run(), fields);
        log.warn(instance + ": " + words);
    }

    void close() {
        looker.ifPresent(Worker::close);
    }
}
