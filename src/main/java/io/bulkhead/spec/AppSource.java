package io.bulkhead.spec;

import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Schedule;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * An app as one canonical JSON document: the same keys a user writes, every default and path resolved, in one order. So it can be shown,
 * compared as text, and read back by the reader of users' files.
 */
final class AppSource {

    private AppSource() {}

    /** The same app with its {@code source} set. */
    static AppSpec in(AppSpec app) {
        return in(app, app.instances());
    }

    /** The same app with so many instances, and its {@code source} set. */
    static AppSpec in(AppSpec app, int instances) {
        AppSpec next = with(app, instances, "");
        return with(next, instances, Json.write(document(next)));
    }

    private static AppSpec with(AppSpec app, int instances, String source) {
        return new AppSpec(
                app.name(),
                app.command(),
                app.workingDir(),
                app.user(),
                app.group(),
                app.umask(),
                instances,
                app.listen(),
                app.limits(),
                app.memoryWatch(),
                app.envFiles(),
                app.environment(),
                app.requiredEnvironment(),
                app.masked(),
                app.dependsOn(),
                app.health(),
                app.ready(),
                app.restart(),
                app.stop(),
                app.replace(),
                app.autostart(),
                app.priority(),
                app.schedule(),
                app.maxAge(),
                app.hooks(),
                app.node(),
                app.connections(),
                app.log(),
                app.checks(),
                app.release(),
                app.tunnel(),
                source);
    }

    private static Map<String, Object> document(AppSpec app) {
        Map<String, Object> all = new LinkedHashMap<>();
        put(all, AppKeys.COMMAND, command(app.command()));
        put(all, AppKeys.WORKING_DIR, app.workingDir().toString());
        app.user().ifPresent(user -> put(all, AppKeys.USER, user));
        app.group().ifPresent(group -> put(all, AppKeys.GROUP, group));
        put(all, AppKeys.UMASK, "0" + Integer.toOctalString(app.umask()));
        put(all, AppKeys.INSTANCES, app.instances());
        if (!app.listen().isEmpty()) {
            put(
                    all,
                    ListenKeys.LISTEN,
                    app.listen().stream().map(Listens::source).toList());
        }
        limits(all, app.limits());
        app.memoryWatch().ifPresent(watch -> {
            long limit = app.limits().memory().orElseThrow();
            put(
                    all,
                    MemoryKeys.DRAIN,
                    watch.drainAt().map(bytes -> MemoryMark.text(bytes, limit)).orElse("off"));
            put(all, MemoryKeys.BUFFER, Percent.text(watch.buffer()));
        });
        put(all, AppKeys.ENV_FILE, paths(app.envFiles()));
        put(all, AppKeys.ENVIRONMENT, new TreeMap<>(app.environment()));
        put(all, AppKeys.REQUIRED_ENVIRONMENT, sorted(app.requiredEnvironment()));
        put(all, AppKeys.MASK, sorted(app.masked()));
        put(all, AppKeys.DEPENDS_ON, app.dependsOn());
        app.health().ifPresent(check -> {
            put(all, HealthKeys.HEALTHCHECK, HealthKeys.source(check));
            put(all, HealthKeys.ON_UNHEALTHY, check.replaceUnhealthy() ? "replace" : "report");
        });
        put(all, ReadyKeys.READY, ReadyKeys.source(app.ready()));
        restart(all, app.restart());
        put(all, AppKeys.STOP_SIGNAL, Signals.name(app.stop().signal()));
        put(all, AppKeys.STOP_SIGNAL_TO, app.stop().toTree() ? "tree" : "program");
        put(all, AppKeys.STOP_GRACE_PERIOD, Durations.text(app.stop().grace()));
        put(all, AppKeys.REPLACE, app.replace() == Replace.START_FIRST ? "start-first" : "stop-first");
        put(all, AppKeys.AUTOSTART, app.autostart());
        put(all, AppKeys.PRIORITY, app.priority());
        app.schedule().ifPresent(schedule -> put(all, AppKeys.SCHEDULE, schedule(schedule)));
        app.maxAge().ifPresent(age -> put(all, AppKeys.MAX_AGE, Durations.text(age)));
        put(all, HookKeys.HOOKS, HookKeys.source(app.hooks()));
        put(all, HookKeys.TIMEOUT, Durations.text(app.hooks().timeout()));
        put(all, NodeKeys.NODE, NodeKeys.source(app.node()));
        put(all, ExternalKeys.CONNECTIONS, new TreeMap<>(app.connections()));
        put(all, AppKeys.LOG, log(app.log()));
        if (!app.checks().equals(AppSpec.Checks.NONE)) {
            put(all, CheckKeys.CHECKS, CheckKeys.source(app.checks()));
        }
        put(all, ReleaseKeys.RELEASE, ReleaseKeys.source(app.release()));
        app.tunnel().ifPresent(tunnel -> put(all, AppKeys.TUNNEL, TunnelKeys.source(tunnel)));
        return all;
    }

    static Object command(AppSpec.Command command) {
        return command.shell() ? Json.of("shell", command.argv().getLast()) : command.argv();
    }

    private static void limits(Map<String, Object> all, AppSpec.Limits limits) {
        limits.memory().ifPresent(bytes -> put(all, MemoryKeys.MEMORY, Sizes.text(bytes)));
        put(all, MemoryKeys.SWAP, Sizes.text(limits.memorySwap()));
        put(all, MemoryKeys.MIN, Sizes.text(limits.memoryMin()));
        limits.pool().ifPresent(pool -> put(all, MemoryKeys.POOL, pool));
        put(all, MemoryKeys.OOM_KILL, limits.oomKillsAll() ? "group" : "process");
        limits.cpu().ifPresent(cpu -> put(all, AppKeys.CPU, cpu));
        limits.pids().ifPresent(pids -> put(all, AppKeys.PIDS, pids));
        limits.nofile().ifPresent(files -> put(all, AppKeys.NOFILE, files));
        limits.oomPriority().ifPresent(priority -> put(all, AppKeys.OOM_PRIORITY, priority));
    }

    private static void restart(Map<String, Object> all, AppSpec.Restart restart) {
        put(
                all,
                AppKeys.RESTART,
                restart.policy().name().toLowerCase(Locale.ROOT).replace('_', '-'));
        put(all, AppKeys.SUCCESS_CODES, restart.successCodes().stream().sorted().toList());
        AppSpec.Backoff backoff = restart.backoff();
        Map<String, Object> pauses = new LinkedHashMap<>();
        put(pauses, AppKeys.FIRST, Durations.text(backoff.first()));
        put(pauses, AppKeys.MAX, Durations.text(backoff.max()));
        put(pauses, AppKeys.RESET_AFTER, Durations.text(backoff.resetAfter()));
        put(pauses, AppKeys.MAX_ATTEMPTS, backoff.maxAttempts());
        put(all, AppKeys.BACKOFF, pauses);
    }

    private static Map<String, Object> schedule(Schedule schedule) {
        Map<String, Object> all = new LinkedHashMap<>();
        switch (schedule) {
            case Schedule.RestartAt(Cron cron) -> put(all, Schedules.RESTART, cron.text());
            case Schedule.StartAt(Cron cron, boolean queue) -> {
                put(all, Schedules.START, cron.text());
                put(all, Schedules.OVERLAP, queue ? "queue" : "skip");
            }
        }
        put(all, Schedules.TIMEZONE, schedule.cron().zone().getId());
        return all;
    }

    static Map<String, Object> log(LogSpec log) {
        Map<String, Object> all = new LinkedHashMap<>();
        put(all, LogKeys.MAX_SIZE, Sizes.text(log.maxBytes()));
        put(all, LogKeys.KEEP, log.keep());
        put(all, LogKeys.COMPRESS, log.compress());
        put(all, LogKeys.TIMESTAMPS, log.timestamps());
        put(all, LogKeys.SPLIT, log.split());
        log.file().ifPresent(file -> put(all, LogKeys.FILE, file.toString()));
        return all;
    }

    private static void put(Map<String, Object> all, Key<?> key, Object value) {
        all.put(key.name(), value);
    }

    private static List<String> paths(List<Path> files) {
        List<String> names = new ArrayList<>();
        for (Path file : files) {
            names.add(file.toString());
        }
        return names;
    }

    private static List<String> sorted(Collection<String> names) {
        List<String> all = new ArrayList<>(names);
        all.sort(null);
        return all;
    }
}
