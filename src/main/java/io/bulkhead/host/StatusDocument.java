package io.bulkhead.host;

import io.bulkhead.api.Version;
import io.bulkhead.core.AppView;
import io.bulkhead.core.ExitReport;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.LastExit;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import io.bulkhead.linux.Usage;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The document of {@code status --json} (SPEC section 6), put together on the loop from core's view and the kernel's figures. */
final class StatusDocument {

    private static final int TICKS_PER_SECOND = 100;

    /** CPU time of a run at an earlier look. */
    private record Look(long ticks, long nanos) {}

    private final Runs runs;
    private final BootReport boot;
    private final Supplier<Spec> inForce;
    private final Supplier<Path> file;
    private final Function<String, List<String>> drift;
    private final Function<String, Optional<FdTrack>> descriptors;
    private final long startedMillis = System.currentTimeMillis();
    private final int ownPid = (int) ProcessHandle.current().pid();

    /** The look before the last one, by run: CPU use is what lies between two. */
    private final Map<String, Look> looks = new HashMap<>();

    /**
     * @param inForce the configuration that was applied last
     * @param file where it was read
     * @param drift names of variables of an app that have changed on disk since its start
     * @param descriptors what is known of the descriptors of a run
     */
    StatusDocument(
            Runs runs,
            BootReport boot,
            Supplier<Spec> inForce,
            Supplier<Path> file,
            Function<String, List<String>> drift,
            Function<String, Optional<FdTrack>> descriptors) {
        this.drift = drift;
        this.descriptors = descriptors;
        this.file = file;
        this.runs = runs;
        this.boot = boot;
        this.inForce = inForce;
    }

    Map<String, @Nullable Object> of(List<AppView> apps) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("daemon", daemon());
        document.put("host", host());
        List<Object> list = new ArrayList<>();
        for (AppView app : apps) {
            list.add(app(app));
        }
        document.put("apps", list);
        looks.keySet()
                .retainAll(new HashSet<>(runs.all().stream().map(run -> run.id).toList()));
        return document;
    }

    private Map<String, @Nullable Object> daemon() {
        Map<String, @Nullable Object> daemon = new LinkedHashMap<>();
        daemon.put("pid", ownPid);
        daemon.put("version", Version.TEXT);
        daemon.put("started", time(startedMillis));
        daemon.put("file", file.get().toString());
        daemon.put("memory_bytes", Proc.HOST.rss(ownPid).orElse(0));
        daemon.put("boot", boot.document());
        return daemon;
    }

    private Map<String, @Nullable Object> host() {
        HostMemory memory = HostMemory.read();
        Map<String, @Nullable Object> host = new LinkedHashMap<>();
        host.put("memory_bytes", memory.total());
        host.put("available_bytes", memory.available());
        host.put("reserve_bytes", inForce.get().server().reserve());
        return host;
    }

    /** One app of the document. */
    Map<String, @Nullable Object> app(AppView view) {
        Map<String, @Nullable Object> app = new LinkedHashMap<>();
        app.put("name", view.name());
        app.put("state", view.state().word());
        app.put("release", null);
        app.put("memory_limit_bytes", view.spec().limits().memory().orElse(null));
        app.put(
                "memory_drain_bytes",
                view.spec().memoryWatch().flatMap(MemoryWatch::drainAt).orElse(null));
        app.put("environment_drift", drift.apply(view.name()));
        List<Object> instances = new ArrayList<>();
        for (InstanceView instance : view.instances()) {
            instances.add(instance(instance));
        }
        app.put("instances", instances);
        return app;
    }

    private Map<String, @Nullable Object> instance(InstanceView view) {
        Optional<LiveRun> run = view.run().flatMap(runs::find);
        Optional<Compartment> compartment = run.flatMap(live -> live.compartment);
        Map<String, @Nullable Object> instance = new LinkedHashMap<>();
        instance.put("index", view.id().index());
        instance.put("run", view.run().orElse(null));
        instance.put("state", view.state().word());
        instance.put("reason", view.reason().isEmpty() ? null : view.reason());
        instance.put("pid", view.pid().isPresent() ? view.pid().getAsInt() : null);
        instance.put("keeper_pid", compartment.map(one -> one.keeper.pid()).orElse(null));
        instance.put(
                "memory_enforcement",
                compartment.map(StatusDocument::enforcement).orElse(null));
        instance.put("started", view.started().isPresent() ? time(view.started().getAsLong()) : null);
        instance.put(
                "uptime_seconds",
                view.started().isPresent() ? uptime(view.started().getAsLong()) : null);
        instance.put("restarts", view.restarts());
        instance.put(
                "health",
                run.flatMap(live -> live.health).map(StatusDocument::health).orElse(null));
        instance.put(
                "says",
                run.map(live -> live.says).filter(text -> !text.isEmpty()).orElse(null));
        figures(run, compartment, instance);
        Optional<FdTrack> open = run.flatMap(live -> descriptors.apply(live.id));
        instance.put("descriptors", open.map(FdTrack::count).orElse(null));
        instance.put(
                "descriptors_limit",
                open.map(FdTrack::limit).filter(most -> most > 0).orElse(null));
        instance.put("descriptors_per_hour", open.flatMap(FdTrack::perHour).orElse(null));
        OptionalInt connections = run.map(live -> live.connections).orElse(OptionalInt.empty());
        instance.put("connections", connections.isPresent() ? connections.getAsInt() : null);
        instance.put(
                "next_attempt",
                view.nextAttempt().isPresent() ? time(view.nextAttempt().getAsLong()) : null);
        instance.put("last_exit", view.lastExit().map(StatusDocument::exit).orElse(null));
        return instance;
    }

    private static Map<String, @Nullable Object> health(Health health) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("well", health.well());
        document.put("words", health.words());
        document.put("checked", time(health.checkedMillis()));
        document.put("since", time(health.sinceMillis()));
        return document;
    }

    /** Who keeps the memory limit of what runs in it: kernel, sampled, or none. */
    static String enforcement(Compartment compartment) {
        boolean limited =
                compartment.run.flatMap(run -> run.app.limits().memory()).isPresent();
        return !limited ? "none" : compartment.cgroup.enforcedByKernel() ? "kernel" : "sampled";
    }

    private void figures(
            Optional<LiveRun> run, Optional<Compartment> compartment, Map<String, @Nullable Object> instance) {
        instance.put("memory_bytes", null);
        instance.put("memory_peak_bytes", null);
        instance.put("cpu_percent", null);
        if (run.isEmpty() || compartment.isEmpty() || run.get().phase != LiveRun.Phase.ALIVE) {
            return;
        }
        Cgroup cgroup = compartment.get().cgroup;
        try {
            Usage usage = cgroup.usage();
            instance.put("memory_bytes", usage.current());
            instance.put("memory_peak_bytes", usage.peak());
            instance.put("cpu_percent", cpuPercent(run.get(), cgroup.members()));
        } catch (IOException gone) {
            instance.put("memory_bytes", 0);
        }
    }

    /** Share of one CPU since the look before, or since the start at the first look; one digit after the point. */
    private double cpuPercent(LiveRun run, List<Integer> members) {
        long ticks = 0;
        for (int pid : members) {
            ticks += Proc.HOST.stat(pid).map(ProcessStat::cpuTicks).orElse(0L);
        }
        long nanos = System.nanoTime();
        Look before = looks.put(run.id, new Look(ticks, nanos));
        if (before == null || nanos == before.nanos) {
            return 0;
        }
        double seconds = (nanos - before.nanos) / 1e9;
        double percent = Math.max(0, ticks - before.ticks) * 100.0 / TICKS_PER_SECOND / seconds;
        return Math.round(percent * 10) / 10.0;
    }

    private static double uptime(long startedMillis) {
        return Math.max(0, System.currentTimeMillis() - startedMillis) / 1000.0;
    }

    static Map<String, @Nullable Object> exit(LastExit exit) {
        ExitReport report = exit.report();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("time", time(exit.wallMillis()));
        document.put("cause", report.cause().word());
        document.put("code", report.code().isPresent() ? report.code().getAsInt() : null);
        document.put("signal", report.signal().isEmpty() ? null : report.signal());
        document.put("detail", report.detail());
        return document;
    }

    static String time(long millis) {
        return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.MILLIS).toString();
    }
}
