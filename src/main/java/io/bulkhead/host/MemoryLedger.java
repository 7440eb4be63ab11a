package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Budget;
import io.bulkhead.core.Budget.Means;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who holds how much memory now, and whether what is wanted fits. On the loop. */
public final class MemoryLedger {

    private final Compartments compartments;

    MemoryLedger(Compartments compartments) {
        this.compartments = compartments;
    }

    /**
     * What compartments hold that cannot be dropped.
     *
     * @param byApp bytes of the apps that run, all instances together
     */
    record Held(Map<String, Long> byApp) {

        long all() {
            long all = 0;
            for (long each : byApp.values()) {
                all += each;
            }
            return all;
        }

        /** What runs outside of our compartments uses, ourselves included. */
        long outside(HostMemory host) {
            return Math.max(0, host.used() - all());
        }
    }

    Held held() {
        Map<String, Long> byApp = new HashMap<>();
        for (Compartment compartment : compartments.all()) {
            try {
                byApp.merge(compartment.instance.app(), compartment.cgroup.held(), Long::sum);
            } catch (IOException gone) {
                // It has just ended: nothing is held.
            }
        }
        return new Held(byApp);
    }

    /** Whether {@code apps} fit under the settings and pools of {@code spec}. */
    Budget budget(Collection<AppSpec> apps, Spec spec) {
        HostMemory host = HostMemory.read();
        Held held = held();
        Means means = new Means(host.total(), spec.server().reserve(), held.outside(host));
        return Budget.of(apps, spec.pools(), means, held.byApp());
    }

    /** Apps whose new limit is below what one of their instances holds now: the old one stays in force until that has ended. */
    List<Finding> belowUse(List<AppView> now, Collection<AppSpec> next) {
        List<Finding> findings = new ArrayList<>();
        for (AppSpec app : next) {
            long limit = app.limits().memory().orElse(Long.MAX_VALUE);
            boolean lowered = now.stream()
                    .anyMatch(view -> view.name().equals(app.name())
                            && view.spec().limits().memory().orElse(Long.MAX_VALUE) > limit);
            long most = lowered ? most(app.name()) : 0;
            if (most > limit) {
                findings.add(new Finding(
                        app.name(),
                        "memory-limit",
                        Finding.Severity.WARNING,
                        "it uses " + Budget.size(most) + " now, more than its new limit of " + Budget.size(limit)
                                + ": nothing is killed for that, the old limit stays until its next start"
                                + (app.memoryWatch()
                                                .flatMap(AppSpec.MemoryWatch::drainAt)
                                                .isPresent()
                                        ? ", which follows soon, as it is above its drain mark"
                                        : ""),
                        List.of(),
                        "bulkhead restart " + app.name()));
            }
        }
        return findings;
    }

    /** What its largest instance holds. */
    private long most(String app) {
        long most = 0;
        for (Compartment compartment : compartments.all()) {
            if (compartment.instance.app().equals(app)) {
                try {
                    most = Math.max(most, compartment.cgroup.held());
                } catch (IOException gone) {
                    // It has just ended.
                }
            }
        }
        return most;
    }

    /** The apps that would be there after an apply of {@code spec}, or of one app of it. */
    static Collection<AppSpec> after(Spec spec, Optional<String> only, List<AppView> now) {
        if (only.isEmpty()) {
            return spec.apps().values();
        }
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        for (AppView view : now) {
            apps.put(view.name(), view.spec());
        }
        AppSpec next = spec.apps().get(only.get());
        if (next == null) {
            apps.remove(only.get());
        } else {
            apps.put(next.name(), next);
        }
        return apps.values();
    }

    /**
     * The budget of a configuration that nobody runs yet, or that runs in a daemon which was asked.
     *
     * @param running the document of {@code memory --json}, or an empty one where no daemon runs
     */
    public static List<Finding> planned(Spec spec, Doc running) {
        HostMemory host = HostMemory.read();
        Map<String, Long> use = new HashMap<>();
        for (Doc app : running.docs("apps")) {
            if (app.has("memory_bytes")) {
                use.put(app.text("name"), app.number("memory_bytes", 0));
            }
        }
        Means means = new Means(host.total(), spec.server().reserve(), new Held(use).outside(host));
        List<Finding> findings = new ArrayList<>(Budget.of(spec.apps().values(), spec.pools(), means, use)
                .findings(spec.server().refuseOverBudget()));
        for (AppSpec app : spec.apps().values()) {
            Needs.tooLittle(app).ifPresent(findings::add);
        }
        for (Doc app : running.docs("apps")) {
            if (spec.apps().containsKey(app.text("name"))) {
                findings.addAll(MemoryFindings.of(app));
            }
        }
        return findings;
    }

    /**
     * What keeps a daemon from starting with {@code spec}. A configuration that was accepted before is not refused again, nor is one while
     * apps of a former daemon live: without a daemon nobody would look after them.
     */
    public static List<Finding> refusals(Home home, Spec spec) {
        return acceptedBefore(home, spec) || Compartments.anyLeft(home.run())
                ? List.of()
                : planned(spec, Doc.EMPTY).stream().filter(Finding::isError).toList();
    }

    private static boolean acceptedBefore(Home home, Spec spec) {
        Map<String, StateStore.App> known = new StateStore(home.state()).apps();
        for (AppSpec app : spec.apps().values()) {
            StateStore.App before = known.get(app.name());
            if (before == null || !before.source().equals(app.source())) {
                return false;
            }
        }
        return true;
    }
}
