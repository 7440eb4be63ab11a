package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.HealthCheck;
import io.bulkhead.spec.LogSpec;
import io.bulkhead.spec.Ready;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.TunnelSpec;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/** What applying a specification would do, app by app: the removed ones first, then in the order of the file. */
public record Difference(List<Change> changes) {

    /** An app that exists, and who brought it. */
    public record Known(AppSpec app, Origin origin) {}

    /** What happens to one app. */
    public sealed interface Change {
        String app();
    }

    public record Added(AppSpec next) implements Change {
        @Override
        public String app() {
            return next.name();
        }
    }

    /**
     * @param keys as they are written in the file, in the order of the specification; never empty
     * @param newRun whether running instances must be replaced for it
     */
    public record Changed(AppSpec before, AppSpec next, Set<String> keys, boolean newRun) implements Change {
        @Override
        public String app() {
            return next.name();
        }
    }

    /** It is stopped and forgotten. */
    public record Removed(AppSpec before) implements Change {
        @Override
        public String app() {
            return before.name();
        }
    }

    public record Unchanged(AppSpec before) implements Change {
        @Override
        public String app() {
            return before.name();
        }
    }

    /** An app of this name came from elsewhere: it is left alone. */
    public record Foreign(AppSpec before, Origin origin) implements Change {
        @Override
        public String app() {
            return before.name();
        }
    }

    /** What it takes to make a changed key true for a run that lives. */
    private enum Reach {
        /** Nothing: the next decision uses it. */
        DECISION,
        /** The host sets it on the living run. */
        LIVE,
        /** Only a new run has it. */
        NEW_RUN
    }

    private record Key(String name, Reach reach) {}

    /**
     * @param known every app that exists
     * @param only looks at this app alone, present or not
     */
    public static Difference between(Map<String, Known> known, Spec spec, Origin origin, Optional<String> only) {
        List<Change> changes = new ArrayList<>();
        for (Known app : known.values()) {
            String name = app.app().name();
            if (app.origin() == origin && !spec.apps().containsKey(name) && isMeant(name, only)) {
                changes.add(new Removed(app.app()));
            }
        }
        for (AppSpec next : spec.apps().values()) {
            if (isMeant(next.name(), only)) {
                changes.add(change(Optional.ofNullable(known.get(next.name())), next, origin));
            }
        }
        return new Difference(List.copyOf(changes));
    }

    private static boolean isMeant(String name, Optional<String> only) {
        return only.isEmpty() || only.get().equals(name);
    }

    private static Change change(Optional<Known> known, AppSpec next, Origin origin) {
        if (known.isEmpty()) {
            return new Added(next);
        }
        AppSpec before = known.get().app();
        if (known.get().origin() != origin) {
            return new Foreign(before, known.get().origin());
        }
        List<Key> keys = keys(before, next);
        if (keys.isEmpty()) {
            return new Unchanged(before);
        }
        return new Changed(before, next, names(keys), reaches(keys, Reach.NEW_RUN));
    }

    /** Whether a run of {@code before} must be replaced to become one of {@code next}. */
    static boolean needsNewRun(AppSpec before, AppSpec next) {
        return !before.equals(next) && reaches(keys(before, next), Reach.NEW_RUN);
    }

    /** Changed keys where the host must set something on a living run; empty where it need not. */
    static Set<String> liveKeys(AppSpec before, AppSpec next) {
        List<Key> keys = keys(before, next);
        return reaches(keys, Reach.LIVE) ? names(keys) : Set.of();
    }

    private static boolean reaches(List<Key> keys, Reach reach) {
        for (Key key : keys) {
            if (key.reach == reach) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> names(List<Key> keys) {
        Set<String> names = new LinkedHashSet<>();
        for (Key key : keys) {
            names.add(key.name);
        }
        return names;
    }

    /** Every component of AppSpec is here but its name, and its source, which says the same again. */
    private static List<Key> keys(AppSpec a, AppSpec b) {
        List<Key> keys = new ArrayList<>();
        add(keys, "command", Reach.NEW_RUN, a.command(), b.command());
        add(keys, "working_dir", Reach.NEW_RUN, a.workingDir(), b.workingDir());
        add(keys, "user", Reach.NEW_RUN, a.user(), b.user());
        add(keys, "group", Reach.NEW_RUN, a.group(), b.group());
        add(keys, "umask", Reach.NEW_RUN, a.umask(), b.umask());
        add(keys, "instances", Reach.DECISION, a.instances(), b.instances());
        add(keys, "listen", Reach.NEW_RUN, a.listen(), b.listen());
        add(keys, "memory", Reach.LIVE, a.limits().memory(), b.limits().memory());
        add(keys, "memory_swap", Reach.LIVE, a.limits().memorySwap(), b.limits().memorySwap());
        add(keys, "memory_min", Reach.LIVE, a.limits().memoryMin(), b.limits().memoryMin());
        add(keys, "pool", Reach.NEW_RUN, a.limits().pool(), b.limits().pool());
        memoryWatch(keys, a, b);
        add(keys, "oom_kill", Reach.LIVE, a.limits().oomKillsAll(), b.limits().oomKillsAll());
        add(keys, "cpu", Reach.LIVE, a.limits().cpu(), b.limits().cpu());
        add(keys, "pids", Reach.LIVE, a.limits().pids(), b.limits().pids());
        add(keys, "nofile", Reach.NEW_RUN, a.limits().nofile(), b.limits().nofile());
        add(
                keys,
                "oom_priority",
                Reach.LIVE,
                a.limits().oomPriority(),
                b.limits().oomPriority());
        add(keys, "env_file", Reach.NEW_RUN, a.envFiles(), b.envFiles());
        add(keys, "environment", Reach.NEW_RUN, a.environment(), b.environment());
        add(keys, "required_environment", Reach.DECISION, a.requiredEnvironment(), b.requiredEnvironment());
        add(keys, "mask", Reach.DECISION, a.masked(), b.masked());
        add(keys, "depends_on", Reach.DECISION, a.dependsOn(), b.dependsOn());
        health(keys, a.health(), b.health());
        add(keys, "ready", byAge(a) && byAge(b) ? Reach.DECISION : Reach.LIVE, a.ready(), b.ready());
        add(keys, "restart", Reach.DECISION, a.restart().policy(), b.restart().policy());
        add(
                keys,
                "success_codes",
                Reach.DECISION,
                a.restart().successCodes(),
                b.restart().successCodes());
        add(keys, "backoff", Reach.DECISION, a.restart().backoff(), b.restart().backoff());
        add(keys, "stop_signal", Reach.DECISION, a.stop().signal(), b.stop().signal());
        add(keys, "stop_signal_to", Reach.DECISION, a.stop().toTree(), b.stop().toTree());
        add(
                keys,
                "stop_grace_period",
                Reach.DECISION,
                a.stop().grace(),
                b.stop().grace());
        add(keys, "replace", Reach.DECISION, a.replace(), b.replace());
        add(keys, "autostart", Reach.DECISION, a.autostart(), b.autostart());
        add(keys, "priority", Reach.DECISION, a.priority(), b.priority());
        add(keys, "schedule", Reach.DECISION, a.schedule(), b.schedule());
        add(keys, "max_age", Reach.DECISION, a.maxAge(), b.maxAge());
        add(keys, "hooks", Reach.DECISION, a.hooks().commands(), b.hooks().commands());
        add(keys, "hook_timeout", Reach.DECISION, a.hooks().timeout(), b.hooks().timeout());
        add(keys, "node", Reach.NEW_RUN, a.node(), b.node());
        add(keys, "connections", Reach.DECISION, a.connections(), b.connections());
        if (!a.log().equals(b.log())) {
            // stderr's descriptor is given to a program when it starts; all else is the daemon's side of the pipe.
            LogSpec x = a.log();
            LogSpec y = b.log();
            keys.add(new Key("log", x.split() == y.split() ? Reach.LIVE : Reach.NEW_RUN));
        }
        add(keys, "checks", Reach.DECISION, a.checks(), b.checks());
        add(keys, "release", Reach.DECISION, a.release(), b.release());
        boolean sameFile = a.tunnel().map(TunnelSpec::key).equals(b.tunnel().map(TunnelSpec::key));
        add(keys, "tunnel", sameFile ? Reach.DECISION : Reach.NEW_RUN, a.tunnel(), b.tunnel());
        return keys;
    }

    /** The host looks for every other sign of readiness. */
    private static boolean byAge(AppSpec app) {
        return app.ready() instanceof Ready.After;
    }

    private static void health(List<Key> keys, Optional<HealthCheck> a, Optional<HealthCheck> b) {
        boolean replaced = a.map(HealthCheck::replaceUnhealthy).orElse(true);
        boolean replaces = b.map(HealthCheck::replaceUnhealthy).orElse(true);
        add(keys, "healthcheck", Reach.LIVE, a.map(check -> check.with(replaces)), b);
        if (a.isPresent() && b.isPresent()) {
            add(keys, "on_unhealthy", Reach.DECISION, replaced, replaces);
        }
    }

    /** A mark in percent moves with its limit, which is then the only thing that was changed. */
    private static void memoryWatch(List<Key> keys, AppSpec a, AppSpec b) {
        if (a.memoryWatch().isEmpty() || b.memoryWatch().isEmpty()) {
            return;
        }
        MemoryWatch x = a.memoryWatch().get();
        MemoryWatch y = b.memoryWatch().get();
        if (a.limits().memory().equals(b.limits().memory())) {
            add(keys, "memory_drain", Reach.LIVE, x.drainAt(), y.drainAt());
        }
        add(keys, "memory_buffer", Reach.DECISION, x.buffer(), y.buffer());
    }

    private static void add(List<Key> keys, String name, Reach reach, Object before, Object next) {
        if (!Objects.equals(before, next)) {
            keys.add(new Key(name, reach));
        }
    }
}
