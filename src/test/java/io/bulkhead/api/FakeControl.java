package io.bulkhead.api;

import io.bulkhead.json.Json;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A daemon without processes: apps with states, a history of events, and logs that tests write. */
public final class FakeControl implements Control {

    /** What {@link #act} was asked, oldest first. */
    public final List<String> asked = new CopyOnWriteArrayList<>();

    public final Map<String, String> states = new LinkedHashMap<>();
    public final List<Map<String, @Nullable Object>> incidents = new CopyOnWriteArrayList<>();
    public final LinkedBlockingQueue<String> coming = new LinkedBlockingQueue<>();
    public volatile int followers;
    public volatile String started = "2026-11-21T20:00:00Z";

    private final List<Map<String, @Nullable Object>> events = new ArrayList<>();
    private final List<Consumer<Map<String, @Nullable Object>>> listeners = new CopyOnWriteArrayList<>();

    public FakeControl() {
        states.put("api", "ready");
        states.put("worker", "backoff");
    }

    /** Something happens: into history, then to those who follow. */
    public synchronized long happen(String type, String app, String message) {
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("seq", (long) events.size() + 1);
        event.put("time", "2026-11-21T23:50:" + (10 + events.size() % 50) + "Z");
        event.put("type", type);
        event.put("app", app);
        event.put("instance", 0L);
        event.put("message", message);
        events.add(event);
        for (Consumer<Map<String, @Nullable Object>> listener : listeners) {
            listener.accept(event);
        }
        return events.size();
    }

    @Override
    public Map<String, @Nullable Object> status(String app) throws ApiException {
        if (!app.isEmpty()) {
            known(app);
        }
        List<@Nullable Object> apps = new ArrayList<>();
        for (Map.Entry<String, String> each : states.entrySet()) {
            if (app.isEmpty() || each.getKey().equals(app)) {
                apps.add(app(each.getKey(), each.getValue()));
            }
        }
        Map<String, @Nullable Object> status = new LinkedHashMap<>();
        status.put("daemon", object("pid", 311L, "version", "0.1.0", "started", started, "memory_bytes", 45L << 20));
        status.put(
                "host", object("memory_bytes", 2L << 30, "available_bytes", 1200L << 20, "reserve_bytes", 300L << 20));
        status.put("apps", apps);
        return status;
    }

    @Override
    public Map<String, @Nullable Object> memory(String app) throws ApiException {
        if (!app.isEmpty()) {
            known(app);
        }
        Map<String, @Nullable Object> api = object("name", "api", "memory_bytes", 100L << 20);
        return object("host", object("memory_bytes", 2L << 30, "outside_bytes", 300L << 20), "apps", List.of(api));
    }

    @Override
    public Map<String, @Nullable Object> show(String app) throws ApiException {
        known(app);
        Map<String, @Nullable Object> show = app(app, states.getOrDefault(app, ""));
        show.put("origin", "file");
        show.put("file", "/srv/bulkhead.yaml");
        show.put("settings", object("command", List.of("node", "dist/main.js"), "memory", "128M", "restart", "always"));
        show.put("environment", object("NODE_ENV", "production", "DB_PASS", "***"));
        return show;
    }

    @Override
    public CompletableFuture<Map<String, @Nullable Object>> act(
            String verb, String target, Map<String, @Nullable Object> options, Peer peer) {
        asked.add(verb + " " + target + " " + Json.write(options));
        if (verb.equals("start") && target.equals("never")) {
            return new CompletableFuture<>();
        }
        if (verb.equals("apply")) {
            return CompletableFuture.completedFuture(object(
                    "ok",
                    true,
                    "exitCode",
                    0L,
                    "message",
                    "1 app changed",
                    "changes",
                    List.of(
                            object("app", "api", "change", "change", "keys", List.of("memory")),
                            object("app", "worker", "change", "keep", "keys", List.of())),
                    "problems",
                    List.of()));
        }
        String app = target.contains("/") ? target.substring(0, target.indexOf('/')) : target;
        if (!target.equals("all") && !states.containsKey(app)) {
            return CompletableFuture.failedFuture(
                    new ApiException(4, "no-such-app", "there is no app " + app, "bulkhead status"));
        }
        if (states.containsKey(app)) {
            states.put(app, verb.equals("stop") ? "stopped" : "ready");
        }
        return CompletableFuture.completedFuture(
                object("ok", true, "message", target + ": done " + verb, "exitCode", 0L));
    }

    @Override
    public List<Map<String, @Nullable Object>> incidents(String app, int limit) {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        for (Map<String, @Nullable Object> incident : incidents) {
            if (found.size() < limit && (app.isEmpty() || app.equals(incident.get("app")))) {
                found.add(incident);
            }
        }
        return found;
    }

    @Override
    public synchronized List<Map<String, @Nullable Object>> events(long afterSeq, int limit, String app) {
        List<Map<String, @Nullable Object>> found = new ArrayList<>();
        for (Map<String, @Nullable Object> event : events) {
            if ((Long) event.get("seq") > afterSeq && (app.isEmpty() || app.equals(event.get("app")))) {
                found.add(event);
            }
        }
        int from = afterSeq < 0 ? Math.max(0, found.size() - limit) : 0;
        return new ArrayList<>(found.subList(from, Math.min(found.size(), from + limit)));
    }

    @Override
    public AutoCloseable follow(Consumer<Map<String, @Nullable Object>> listener) {
        listeners.add(listener);
        followers = listeners.size();
        return () -> {
            listeners.remove(listener);
            followers = listeners.size();
        };
    }

    @Override
    public void logs(String target, Map<String, String> query, OutputStream out) throws IOException, ApiException {
        if (!target.equals("all")) {
            known(target);
        }
        for (String app : states.keySet()) {
            if (target.equals("all") || target.equals(app)) {
                String prefix = query.containsKey("prefix") ? app + "/0| " : "";
                out.write((prefix + "hello from " + app + "\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        out.flush();
        followers++;
        try {
            while (query.containsKey("follow")) {
                String line = coming.take();
                out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            followers--;
        }
    }

    @Override
    public List<String> logPaths(String target) {
        return List.of("/var/log/bulkhead/" + target + ".log");
    }

    @Override
    public Map<String, @Nullable Object> doctor() {
        return object(
                "findings",
                List.of(
                        object(
                                "check",
                                "memory",
                                "severity",
                                "ok",
                                "message",
                                "memory cgroup v1",
                                "evidence",
                                "/sys/fs/cgroup/memory",
                                "fix",
                                ""),
                        object(
                                "check",
                                "kmsg",
                                "severity",
                                "warning",
                                "message",
                                "no kernel log",
                                "evidence",
                                "/dev/kmsg: EPERM",
                                "fix",
                                "run as root")));
    }

    @Override
    public Tunnels tunnels() {
        throw new UnsupportedOperationException("a fake daemon has no tunnels");
    }

    @Override
    public Surroundings surroundings() {
        return new Surroundings() {
            @Override
            public Map<String, @Nullable Object> connections() {
                return object(
                        "connections",
                        List.of(object("service", "postgres", "app", "api", "instance", 0L, "pid", 4711L, "count", 3L)),
                        "budget",
                        List.of(object("service", "postgres", "limit", 100L, "used", 3L, "planned", 20L)));
            }

            @Override
            public List<Map<String, @Nullable Object>> ports() {
                return List.of(
                        object("address", "127.0.0.1", "port", 3000L, "family", "ipv4", "pid", 4711L, "app", "api"));
            }

            @Override
            public Map<String, @Nullable Object> env(String app) throws ApiException {
                known(app);
                return object("app", app, "configured", object("NODE_ENV", "production"), "differences", 0L);
            }

            @Override
            public List<Map<String, @Nullable Object>> processes() {
                return List.of(object("pid", 99L, "kind", "node", "manager", "pm2", "stop", "pm2 delete api"));
            }
        };
    }

    /** An object of pairs, in their order. */
    public static Map<String, @Nullable Object> object(@Nullable Object... pairs) {
        Map<String, @Nullable Object> object = new LinkedHashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            object.put((String) pairs[i], pairs[i + 1]);
        }
        return object;
    }

    private void known(String app) throws ApiException {
        if (!states.containsKey(app)) {
            throw new ApiException(4, "no-such-app", "there is no app " + app, "bulkhead status lists them");
        }
    }

    private static Map<String, @Nullable Object> app(String name, String state) {
        boolean alive = state.equals("ready");
        Map<String, @Nullable Object> instance = object(
                "index",
                0L,
                "run",
                "r1",
                "state",
                state,
                "reason",
                alive ? null : "crashed 3 times, next try in 2s",
                "pid",
                alive ? 4711L : null,
                "memory_enforcement",
                "kernel",
                "uptime_seconds",
                alive ? 190L : null,
                "restarts",
                alive ? 0L : 3L,
                "memory_bytes",
                alive ? 61L << 20 : null,
                "cpu_percent",
                alive ? 2.1 : null,
                "last_exit",
                alive ? null : object("time", "2026-11-21T23:00:00Z", "cause", "oom-limit", "signal", "SIGKILL"));
        return object(
                "name",
                name,
                "state",
                alive ? "up" : "down",
                "memory_limit_bytes",
                128L << 20,
                "instances",
                List.of(instance));
    }
}
