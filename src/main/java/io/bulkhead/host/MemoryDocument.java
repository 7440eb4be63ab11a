package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Budget;
import io.bulkhead.core.ExitCause;
import io.bulkhead.core.Forecast;
import io.bulkhead.core.Headroom;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.PeakRecord;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.Usage;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The document of {@code memory --json}, put together on the loop. */
final class MemoryDocument {

    private final Runs runs;
    private final MemoryLedger ledger;
    private final Peaks peaks;
    private final Supplier<Spec> inForce;

    /** @param inForce the configuration that was applied last */
    MemoryDocument(Runs runs, MemoryLedger ledger, Peaks peaks, Supplier<Spec> inForce) {
        this.runs = runs;
        this.ledger = ledger;
        this.peaks = peaks;
        this.inForce = inForce;
    }

    /**
     * @param all every app there is: the budget is about all of them
     * @param shown those that are asked for
     */
    Map<String, @Nullable Object> of(List<AppView> all, List<AppView> shown) {
        Spec spec = inForce.get();
        List<AppSpec> specs = new ArrayList<>();
        for (AppView view : all) {
            specs.add(view.spec());
        }
        Budget budget = ledger.budget(specs, spec);
        List<Object> apps = new ArrayList<>();
        for (AppView view : shown) {
            apps.add(app(view));
        }
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("host", host(budget));
        document.put("budget", budget(budget));
        document.put("pools", pools(spec, all));
        document.put("apps", apps);
        document.put("findings", findings(budget, spec, apps, all.size() == shown.size()));
        return document;
    }

    private static List<Object> findings(Budget budget, Spec spec, List<Object> apps, boolean all) {
        List<Object> findings = new ArrayList<>();
        for (Object app : apps) {
            MemoryFindings.of(Doc.of(app)).forEach(finding -> findings.add(finding.toMap()));
        }
        if (all) {
            budget.findings(spec.server().refuseOverBudget()).forEach(finding -> findings.add(finding.toMap()));
        }
        return findings;
    }

    private static Map<String, @Nullable Object> host(Budget budget) {
        HostMemory memory = HostMemory.read();
        Map<String, @Nullable Object> host = new LinkedHashMap<>();
        host.put("memory_bytes", budget.means().ram());
        host.put("available_bytes", memory.available());
        host.put("reserve_bytes", budget.means().reserve());
        host.put("outside_bytes", budget.means().outside());
        host.put("swap_bytes", memory.swapTotal());
        host.put("swap_free_bytes", memory.swapFree());
        return host;
    }

    private static Map<String, @Nullable Object> budget(Budget budget) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("wanted_bytes", budget.wanted());
        document.put("for_apps_bytes", budget.means().forApps());
        document.put("over", budget.isOver());
        document.put("sum", budget.lines());
        document.put("replaced_stop_first", budget.withoutSecond());
        return document;
    }

    private List<Object> pools(Spec spec, List<AppView> all) {
        Map<String, Long> held = ledger.held().byApp();
        List<Object> pools = new ArrayList<>();
        for (Map.Entry<String, Long> each : spec.pools().entrySet()) {
            long used = 0;
            List<String> members = new ArrayList<>();
            for (AppView view : all) {
                if (view.spec().limits().pool().filter(each.getKey()::equals).isPresent()) {
                    used += held.getOrDefault(view.name(), 0L);
                    members.add(view.name());
                }
            }
            Map<String, @Nullable Object> pool = new LinkedHashMap<>();
            pool.put("name", each.getKey());
            pool.put("memory_bytes", used);
            pool.put("memory_limit_bytes", each.getValue());
            pool.put("apps", members);
            pools.add(pool);
        }
        return pools;
    }

    /** One app of the document. */
    Map<String, @Nullable Object> app(AppView view) {
        AppSpec spec = view.spec();
        Optional<MemoryWatch> watch = spec.memoryWatch();
        Optional<Long> limit = spec.limits().memory();
        Map<String, @Nullable Object> app = new LinkedHashMap<>();
        app.put("name", view.name());
        app.put("memory_bytes", null);
        app.put("memory_limit_bytes", limit.orElse(null));
        app.put("memory_drain_bytes", watch.flatMap(MemoryWatch::drainAt).orElse(null));
        app.put("memory_buffer_percent", watch.map(MemoryWatch::buffer).orElse(null));
        app.put("pool", spec.limits().pool().orElse(null));
        List<Object> instances = new ArrayList<>();
        boolean leaks = false;
        long used = 0;
        for (InstanceView instance : view.instances()) {
            Optional<LiveRun> run =
                    instance.run().flatMap(runs::find).filter(live -> live.phase == LiveRun.Phase.ALIVE);
            Map<String, @Nullable Object> document = instance(instance, run);
            instances.add(document);
            leaks |= Forecast.Kind.LEAK.word().equals(document.get("trend"));
            if (document.get("memory_bytes") instanceof Long bytes) {
                used += bytes;
                app.put("memory_bytes", used);
            }
        }
        past(app, view, leaks);
        app.put("instances", instances);
        return app;
    }

    /** What its peaks say. Of what was ended at its limit, and of a leak, nobody knows what it would need. */
    private void past(Map<String, @Nullable Object> app, AppView view, boolean leaks) {
        PeakRecord record = peaks.of(view.name());
        boolean known = record.current().id().equals(PeakRecord.generation(view.spec())) && record.usualPeak() > 0;
        Optional<Long> limit = view.spec().limits().memory();
        long peak = record.current().highest();
        long usual = record.usualPeak();
        boolean fits = known && !leaks && !cutOff(view, peak);
        app.put("memory_peak_bytes", known ? peak : null);
        app.put("memory_usual_peak_bytes", known ? usual : null);
        app.put("observed_hours", known ? record.hours() : 0);
        app.put("headroom_percent", known && limit.isPresent() ? rounded(Headroom.percent(peak, limit.get())) : null);
        app.put("recommended_bytes", fits ? Headroom.fitting(usual, view.spec()) : null);
        List<Object> older = new ArrayList<>();
        for (PeakRecord.Generation each : record.older()) {
            Map<String, @Nullable Object> before = new LinkedHashMap<>();
            before.put("since", StatusDocument.time(each.sinceWallMillis()));
            before.put("memory_peak_bytes", each.highest());
            older.add(before);
        }
        app.put("peaks_before", older);
    }

    /** Whether the peak stands at the mark or limit because a run was ended there. */
    private static boolean cutOff(AppView view, long peak) {
        Optional<Long> limit = view.spec().limits().memory();
        long mark = view.spec()
                .memoryWatch()
                .flatMap(MemoryWatch::drainAt)
                .or(() -> limit)
                .orElse(Long.MAX_VALUE);
        boolean ended = false;
        for (InstanceView instance : view.instances()) {
            ExitCause cause =
                    instance.lastExit().map(exit -> exit.report().cause()).orElse(ExitCause.STOPPED);
            ended |= cause == ExitCause.DRAINED || cause == ExitCause.OOM_LIMIT || cause == ExitCause.HEAP_LIMIT;
        }
        return ended && peak >= mark - mark / 32;
    }

    private Map<String, @Nullable Object> instance(InstanceView view, Optional<LiveRun> run) {
        Map<String, @Nullable Object> instance = new LinkedHashMap<>();
        instance.put("index", view.id().index());
        instance.put("run", view.run().orElse(null));
        instance.put("state", view.state().word());
        instance.put("memory_enforcement", null);
        instance.put("memory_bytes", null);
        instance.put("page_cache_bytes", null);
        instance.put("memory_peak_bytes", null);
        if (run.isPresent() && run.get().compartment.isPresent()) {
            alive(instance, run.get(), run.get().home());
        } else {
            forecast(instance, new Forecast(Forecast.Kind.TOO_EARLY, 0, OptionalLong.empty()));
        }
        return instance;
    }

    private static void alive(Map<String, @Nullable Object> instance, LiveRun run, Compartment compartment) {
        instance.put("memory_enforcement", StatusDocument.enforcement(compartment));
        try {
            Usage usage = compartment.cgroup.usage();
            instance.put("memory_bytes", usage.current());
            instance.put("page_cache_bytes", Math.max(0, usage.total() - usage.current()));
            instance.put("memory_peak_bytes", Math.max(usage.current(), run.memory.trend.peak()));
        } catch (IOException gone) {
            instance.put("memory_bytes", 0L);
        }
        Optional<Long> limit = run.app.limits().memory();
        forecast(
                instance,
                Forecast.of(run.memory.trend, limit.isPresent() ? OptionalLong.of(limit.get()) : OptionalLong.empty()));
    }

    private static void forecast(Map<String, @Nullable Object> instance, Forecast forecast) {
        instance.put("trend", forecast.kind().word());
        instance.put("trend_bytes_per_hour", forecast.bytesPerHour());
        instance.put(
                "limit_in_seconds",
                forecast.secondsToLimit().isPresent()
                        ? forecast.secondsToLimit().getAsLong()
                        : null);
    }

    private static double rounded(double percent) {
        return Math.round(percent * 10) / 10.0;
    }
}
