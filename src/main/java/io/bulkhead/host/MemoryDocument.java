package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Budget;
import io.bulkhead.core.InstanceView;
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
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The document of {@code memory --json}, put together on the loop. */
final class MemoryDocument {

    private final Runs runs;
    private final MemoryLedger ledger;
    private final Supplier<Spec> inForce;

    /** @param inForce the configuration that was applied last */
    MemoryDocument(Runs runs, MemoryLedger ledger, Supplier<Spec> inForce) {
        this.runs = runs;
        this.ledger = ledger;
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
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("host", host(budget));
        document.put("budget", budget(budget));
        document.put("pools", pools(spec, all));
        List<Object> apps = new ArrayList<>();
        for (AppView view : shown) {
            apps.add(app(view));
        }
        document.put("apps", apps);
        return document;
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

    private Map<String, @Nullable Object> app(AppView view) {
        AppSpec spec = view.spec();
        Optional<MemoryWatch> watch = spec.memoryWatch();
        Map<String, @Nullable Object> app = new LinkedHashMap<>();
        app.put("name", view.name());
        app.put("memory_limit_bytes", spec.limits().memory().orElse(null));
        app.put("memory_drain_bytes", watch.flatMap(MemoryWatch::drainAt).orElse(null));
        app.put("memory_buffer_percent", watch.map(MemoryWatch::buffer).orElse(null));
        app.put("pool", spec.limits().pool().orElse(null));
        List<Object> instances = new ArrayList<>();
        Long used = null;
        for (InstanceView instance : view.instances()) {
            Map<String, @Nullable Object> document = instance(instance);
            instances.add(document);
            if (document.get("memory_bytes") instanceof Long bytes) {
                used = bytes + (used == null ? 0 : used);
            }
        }
        app.put("memory_bytes", used);
        app.put("instances", instances);
        return app;
    }

    private Map<String, @Nullable Object> instance(InstanceView view) {
        Optional<LiveRun> run = view.run().flatMap(runs::find).filter(live -> live.phase == LiveRun.Phase.ALIVE);
        Map<String, @Nullable Object> instance = new LinkedHashMap<>();
        instance.put("index", view.id().index());
        instance.put("run", view.run().orElse(null));
        instance.put("state", view.state().word());
        instance.put("memory_bytes", null);
        instance.put("page_cache_bytes", null);
        instance.put("memory_enforcement", null);
        if (run.isPresent() && run.get().compartment.isPresent()) {
            Compartment compartment = run.get().compartment.get();
            instance.put("memory_enforcement", StatusDocument.enforcement(compartment));
            try {
                Usage usage = compartment.cgroup.usage();
                instance.put("memory_bytes", usage.current());
                instance.put("page_cache_bytes", Math.max(0, usage.total() - usage.current()));
            } catch (IOException gone) {
                instance.put("memory_bytes", 0L);
            }
        }
        return instance;
    }
}
