package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Backoff;
import io.bulkhead.spec.AppSpec.Checks;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.AppSpec.Hooks;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Limits;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.AppSpec.NodeJs;
import io.bulkhead.spec.AppSpec.Release;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.AppSpec.Restart;
import io.bulkhead.spec.AppSpec.Restart.Policy;
import io.bulkhead.spec.AppSpec.Schedule;
import io.bulkhead.spec.AppSpec.Stop;
import io.bulkhead.spec.Cron;
import io.bulkhead.spec.HealthCheck;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.LogSpec;
import io.bulkhead.spec.PortGuard;
import io.bulkhead.spec.Probe;
import io.bulkhead.spec.Ready;
import io.bulkhead.spec.ServerSpec;
import io.bulkhead.spec.Spec;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Specifications for tests, as the file's defaults would have them, with what a test is about changed. */
final class Apps {

    private String name;
    private String command = "run";
    private int instances = 1;
    private Optional<Long> memory = Optional.empty();
    private Optional<Long> drainAt = Optional.empty();
    private Optional<String> pool = Optional.empty();
    private List<String> dependsOn = List.of();
    private List<Listen> listen = List.of();
    private Optional<HealthCheck> health = Optional.empty();
    private Ready ready = new Ready.After(Duration.ofSeconds(1));
    private Release release = new Release(Duration.ofMinutes(2), true);
    private Policy policy = Policy.ALWAYS;
    private Set<Integer> success = Set.of(0);
    private Backoff backoff = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(30), Duration.ofSeconds(60), 0);
    private Duration grace = Duration.ofSeconds(30);
    private Replace replace = Replace.STOP_FIRST;
    private boolean autostart = true;
    private int priority = 100;
    private Optional<Schedule> schedule = Optional.empty();
    private Optional<Duration> maxAge = Optional.empty();
    private final Map<Hook, Command> hooks = new EnumMap<>(Hook.class);
    private LogSpec log = LogSpec.DEFAULT;

    private Apps(String name) {
        this.name = name;
    }

    static Apps app(String name) {
        return new Apps(name);
    }

    static Spec spec(Apps... apps) {
        Map<String, AppSpec> specs = new LinkedHashMap<>();
        for (Apps app : apps) {
            specs.put(app.name, app.build());
        }
        return spec(specs);
    }

    static Spec spec(Map<String, AppSpec> specs) {
        return new Spec(ServerSpec.standard(0), specs, Map.of(), Map.of(), PortGuard.STANDARD, List.of());
    }

    Apps command(String text) {
        this.command = text;
        return this;
    }

    Apps instances(int count) {
        this.instances = count;
        return this;
    }

    Apps memory(long bytes) {
        this.memory = Optional.of(bytes);
        return this;
    }

    Apps pool(String name) {
        this.pool = Optional.of(name);
        return this;
    }

    Apps drainAt(long bytes) {
        this.drainAt = Optional.of(bytes);
        return this;
    }

    Apps needs(String... names) {
        this.dependsOn = List.of(names);
        return this;
    }

    Apps ready(long millis) {
        this.ready = new Ready.After(Duration.ofMillis(millis));
        return this;
    }

    /** On a port that Bulkhead hands over. */
    Apps listen(int port) {
        this.listen = List.of(new Listen("", port, "", Listen.Handover.AUTO));
        return this;
    }

    Apps ready(Ready value) {
        this.ready = value;
        return this;
    }

    /** Checked every second, unhealthy after {@code failures} of {@code window}, ready when it is well. */
    Apps health(int failures, int window, long startPeriod, long startTimeout) {
        this.health = Optional.of(new HealthCheck(
                new Probe.Http("http://127.0.0.1:1/", 200, 299),
                Duration.ofSeconds(1),
                Duration.ofSeconds(1),
                failures,
                window,
                Duration.ofMillis(startPeriod),
                Duration.ofMillis(startTimeout),
                true));
        this.ready = new Ready.Healthy();
        return this;
    }

    Apps reportsUnhealthy() {
        this.health = health.map(check -> check.with(false));
        return this;
    }

    Apps watch(long millis, boolean rollback) {
        this.release = new Release(Duration.ofMillis(millis), rollback);
        return this;
    }

    Apps hook(Hook hook) {
        this.hooks.put(hook, new Command(List.of("hook"), false));
        return this;
    }

    Apps restart(Policy restart) {
        this.policy = restart;
        return this;
    }

    Apps success(Integer... codes) {
        this.success = Set.of(codes);
        return this;
    }

    Apps backoff(long first, long max, long resetAfter, int attempts) {
        this.backoff =
                new Backoff(Duration.ofMillis(first), Duration.ofMillis(max), Duration.ofMillis(resetAfter), attempts);
        return this;
    }

    Apps grace(long millis) {
        this.grace = Duration.ofMillis(millis);
        return this;
    }

    Apps startFirst() {
        this.replace = Replace.START_FIRST;
        return this;
    }

    Apps autostart(boolean value) {
        this.autostart = value;
        return this;
    }

    Apps priority(int value) {
        this.priority = value;
        return this;
    }

    Apps schedule(Schedule value) {
        this.schedule = Optional.of(value);
        return this;
    }

    Apps maxAge(long millis) {
        this.maxAge = Optional.of(Duration.ofMillis(millis));
        return this;
    }

    /** @param cron five fields, in UTC */
    Apps startAt(String cron, boolean queue) {
        return schedule(new Schedule.StartAt(new Cron(cron, ZoneOffset.UTC), queue));
    }

    /** @param cron five fields, in UTC */
    Apps restartAt(String cron) {
        return schedule(new Schedule.RestartAt(new Cron(cron, ZoneOffset.UTC)));
    }

    Apps log(LogSpec value) {
        this.log = value;
        return this;
    }

    AppSpec build() {
        return new AppSpec(
                name,
                new Command(List.of(command), false),
                Path.of("/srv"),
                Optional.empty(),
                Optional.empty(),
                18,
                instances,
                listen,
                new Limits(
                        memory,
                        0,
                        0,
                        pool,
                        true,
                        Optional.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty(),
                        OptionalInt.empty()),
                memory.map(limit -> new MemoryWatch(drainAt, 20)),
                List.of(),
                Map.of(),
                Set.of(),
                Set.of(),
                dependsOn,
                health,
                ready,
                new Restart(policy, success, backoff),
                new Stop(15, false, grace),
                replace,
                autostart,
                priority,
                schedule,
                maxAge,
                new Hooks(Map.copyOf(hooks), Duration.ofSeconds(60)),
                NodeJs.OFF,
                Map.of(),
                log,
                Checks.NONE,
                release,
                Optional.empty(),
                "");
    }
}
