package io.bulkhead.spec;

import io.bulkhead.spec.AppSpec.Backoff;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.AppSpec.Limits;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Restart;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.AppSpec.Schedule;
import io.bulkhead.spec.AppSpec.Stop;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Makes an app of what was written about it, and checks what needs several keys at once. */
final class AppBinder {

    private final Scope scope;
    private final LogSpec serverLog;

    /**
     * @param scope of the file the app stands in
     * @param serverLog what its log takes from the server
     */
    AppBinder(Scope scope, LogSpec serverLog) {
        this.scope = scope;
        this.serverLog = serverLog;
    }

    /** The app; empty when it cannot be, which is reported. */
    Optional<AppSpec> bind(String name, Values values) {
        Optional<Command> command = values.get(AppKeys.COMMAND);
        if (command.isEmpty()) {
            if (!values.attempted(AppKeys.COMMAND)) {
                scope.wrong(
                        values.place(),
                        "app " + Words.quoted(name) + " has no \"command\"",
                        "write what to run, such as command: node dist/main.js");
            }
            return Optional.empty();
        }
        Path folder = values.get(AppKeys.WORKING_DIR).orElse(scope.folder());
        Restart restart = restart(values);
        Optional<Schedule> schedule = values.get(AppKeys.SCHEDULE).flatMap(written -> Schedules.bind(written, scope));
        if (schedule.orElse(null) instanceof Schedule.StartAt && restart.policy() == Policy.ALWAYS) {
            scope.wrong(
                    values.place(AppKeys.SCHEDULE),
                    "\"schedule: start\" is for a program that ends, and this one has \"restart: always\"",
                    "write restart: on-failure or restart: never");
        }
        Optional<Long> memory = values.get(MemoryKeys.MEMORY);
        memorySense(values, memory);
        NodeKeys.sense(values, memory, scope.problems());
        if (!scope.host().root() && values.has(AppKeys.USER)) {
            scope.problems()
                    .warning(
                            values.place(AppKeys.USER),
                            "\"user\" needs a daemon that runs as root",
                            "without root only the daemon's own user can start");
        }
        List<Listen> listen = ListenKeys.bind(values, scope);
        Optional<HealthCheck> health = HealthKeys.bind(values, scope, listen, command.get());
        AppSpec app = new AppSpec(
                name,
                command.get(),
                folder,
                values.get(AppKeys.USER),
                values.get(AppKeys.GROUP),
                values.get(AppKeys.UMASK, scope),
                instances(values),
                listen,
                new Limits(
                        memory,
                        values.get(MemoryKeys.SWAP, scope),
                        values.get(MemoryKeys.MIN, scope),
                        values.get(MemoryKeys.POOL),
                        values.get(MemoryKeys.OOM_KILL, scope).equals("group"),
                        values.get(AppKeys.CPU),
                        optional(values.get(AppKeys.PIDS)),
                        optional(values.get(AppKeys.NOFILE)),
                        optional(values.get(AppKeys.OOM_PRIORITY))),
                memory.map(limit -> memoryWatch(values, limit)),
                files(values.get(AppKeys.ENV_FILE).orElse(List.of()), folder),
                Collections.unmodifiableMap(values.get(AppKeys.ENVIRONMENT).orElse(Map.of())),
                Collections.unmodifiableSet(
                        values.get(AppKeys.REQUIRED_ENVIRONMENT).orElse(Set.of())),
                Collections.unmodifiableSet(values.get(AppKeys.MASK).orElse(Set.of())),
                List.copyOf(new LinkedHashSet<>(values.get(AppKeys.DEPENDS_ON).orElse(List.of()))),
                health,
                ReadyKeys.bind(values, scope, listen, health),
                restart,
                new Stop(
                        values.get(AppKeys.STOP_SIGNAL, scope),
                        values.get(AppKeys.STOP_SIGNAL_TO, scope).equals("tree"),
                        values.get(AppKeys.STOP_GRACE_PERIOD, scope)),
                values.get(AppKeys.REPLACE)
                                .orElse(ListenKeys.allHandedOver(listen) ? "start-first" : "stop-first")
                                .equals("start-first")
                        ? Replace.START_FIRST
                        : Replace.STOP_FIRST,
                values.get(AppKeys.AUTOSTART, scope),
                values.get(AppKeys.PRIORITY, scope),
                schedule,
                values.get(AppKeys.MAX_AGE),
                HookKeys.bind(values, scope),
                NodeKeys.bind(values, ListenKeys.handedOver(listen)),
                Collections.unmodifiableMap(values.get(ExternalKeys.CONNECTIONS).orElse(Map.of())),
                log(values.get(AppKeys.LOG), serverLog, folder),
                CheckKeys.bind(values, folder, scope.host()),
                ReleaseKeys.bind(values, scope),
                values.get(AppKeys.TUNNEL).flatMap(written -> TunnelKeys.bind(name, written, scope)),
                "");
        return Optional.of(AppSource.in(app));
    }

    private MemoryWatch memoryWatch(Values values, long limit) {
        return new MemoryWatch(values.get(MemoryKeys.DRAIN, scope).below(limit), values.get(MemoryKeys.BUFFER, scope));
    }

    /** What must hold between the keys about memory. */
    private void memorySense(Values values, Optional<Long> memory) {
        if (memory.isEmpty()) {
            if (values.get(MemoryKeys.SWAP).orElse(0L) > 0) {
                scope.wrong(
                        values.place(MemoryKeys.SWAP),
                        "\"memory_swap\" has a meaning only with \"memory\"",
                        "write memory as well, or remove it");
            }
            return;
        }
        long limit = memory.get();
        Optional<Long> mark = values.get(MemoryKeys.DRAIN).flatMap(drain -> drain.below(limit));
        if (mark.isPresent() && (mark.get() > limit || mark.get() == 0)) {
            scope.wrong(
                    values.place(MemoryKeys.DRAIN),
                    mark.get() == 0
                            ? "\"memory_drain\" of nothing would replace it for ever"
                            : "\"memory_drain\" (" + Sizes.text(mark.get()) + ") is above \"memory\" ("
                                    + Sizes.text(limit) + "): the kernel would kill it first",
                    "write a part of memory, such as 80%, or off");
        }
        if (values.get(MemoryKeys.MIN).orElse(0L) > limit) {
            scope.wrong(
                    values.place(MemoryKeys.MIN),
                    "\"memory_min\" is above \"memory\" (" + Sizes.text(limit) + ")",
                    "no more than the limit can be protected");
        }
    }

    /** A log's settings over those it inherits. */
    LogSpec log(Optional<Values> written, LogSpec base, Path folder) {
        if (written.isEmpty()) {
            return base;
        }
        Values values = written.get();
        return new LogSpec(
                values.get(LogKeys.MAX_SIZE).orElse(base.maxBytes()),
                values.get(LogKeys.KEEP).orElse(base.keep()),
                values.get(LogKeys.COMPRESS).orElse(base.compress()),
                values.get(LogKeys.TIMESTAMPS).orElse(base.timestamps()),
                values.get(LogKeys.SPLIT).orElse(base.split()),
                values.get(LogKeys.FILE)
                        .map(file -> AppTypes.resolve(folder, file, scope.host()))
                        .or(base::file));
    }

    private Restart restart(Values values) {
        RestartWord word = values.get(AppKeys.RESTART, scope);
        Values written = values.get(AppKeys.BACKOFF).orElse(Values.empty(values.place()));
        int attempts = written.get(AppKeys.MAX_ATTEMPTS).orElse(word.attempts().orElse(0));
        Backoff backoff = new Backoff(
                written.get(AppKeys.FIRST, scope),
                written.get(AppKeys.MAX, scope),
                written.get(AppKeys.RESET_AFTER, scope),
                attempts);
        if (backoff.first().compareTo(backoff.max()) > 0) {
            scope.wrong(
                    written.has(AppKeys.FIRST) ? written.place(AppKeys.FIRST) : written.place(AppKeys.MAX),
                    "\"first\" (" + Durations.text(backoff.first()) + ") is longer than \"max\" ("
                            + Durations.text(backoff.max()) + ")",
                    "the pause grows from first to max");
        }
        return new Restart(word.policy(), Set.copyOf(values.get(AppKeys.SUCCESS_CODES, scope)), backoff);
    }

    private int instances(Values values) {
        int written = values.get(AppKeys.INSTANCES, scope);
        return written == AppKeys.MAX_INSTANCES ? Math.clamp(scope.host().cpus(), 1, 1000) : written;
    }

    private List<Path> files(List<String> names, Path folder) {
        List<Path> files = new ArrayList<>();
        for (String name : names) {
            files.add(AppTypes.resolve(folder, name, scope.host()));
        }
        return List.copyOf(files);
    }

    private static OptionalInt optional(Optional<Integer> value) {
        return value.isPresent() ? OptionalInt.of(value.get()) : OptionalInt.empty();
    }
}
