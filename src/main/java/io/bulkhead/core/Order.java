package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Who waits for whom. What an app depends on and that is no app (an external, see {@link Waiting}; a name that is gone) makes no order. The reader of
 * the file refuses circles; where two files make one together, the edge that closes it is dropped, so that nothing waits for ever.
 */
final class Order {

    private static final Comparator<AppSpec> BY_IMPORTANCE =
            Comparator.comparingInt(AppSpec::priority).reversed().thenComparing(AppSpec::name);

    private final Map<String, AppSpec> apps = new HashMap<>();
    private final Map<String, List<String>> dependencies = new HashMap<>();
    private final Map<String, Set<String>> dependents = new HashMap<>();
    private final Map<String, Integer> levels = new HashMap<>();
    private final List<String> startOrder = new ArrayList<>();

    static Order of(Collection<AppSpec> specs) {
        Order order = new Order();
        List<AppSpec> sorted = new ArrayList<>(specs);
        sorted.sort(BY_IMPORTANCE);
        for (AppSpec app : sorted) {
            order.apps.put(app.name(), app);
        }
        Set<String> open = new HashSet<>();
        for (AppSpec app : sorted) {
            order.visit(app, open);
        }
        sorted.sort(Comparator.comparingInt((AppSpec app) -> order.levels.getOrDefault(app.name(), 0))
                .thenComparing(BY_IMPORTANCE));
        for (AppSpec app : sorted) {
            order.startOrder.add(app.name());
            for (String needed : order.dependencies(app.name())) {
                order.dependents.computeIfAbsent(needed, n -> new HashSet<>()).add(app.name());
            }
        }
        for (AppSpec app : sorted) {
            order.closeDependents(app.name());
        }
        return order;
    }

    /** Names in the order in which they are started: by level of dependency, then the more important first, then by name. */
    List<String> startOrder() {
        return startOrder;
    }

    /** Apps that {@code app} itself names and that must be ready before it. */
    List<String> dependencies(String app) {
        return dependencies.getOrDefault(app, List.of());
    }

    /** Apps that need {@code app}, directly or by way of others, and so are stopped before it. */
    Set<String> dependents(String app) {
        return dependents.getOrDefault(app, Set.of());
    }

    private int visit(AppSpec app, Set<String> open) {
        Integer known = levels.get(app.name());
        if (known != null) {
            return known;
        }
        open.add(app.name());
        int level = 0;
        List<String> edges = new ArrayList<>();
        for (String name : app.dependsOn()) {
            AppSpec needed = apps.get(name);
            if (needed != null && !open.contains(name)) {
                edges.add(name);
                level = Math.max(level, 1 + visit(needed, open));
            }
        }
        open.remove(app.name());
        dependencies.put(app.name(), edges);
        levels.put(app.name(), level);
        return level;
    }

    private void closeDependents(String app) {
        Set<String> all = new HashSet<>();
        List<String> todo = new ArrayList<>(dependents.getOrDefault(app, Set.of()));
        while (!todo.isEmpty()) {
            String name = todo.removeLast();
            if (all.add(name)) {
                todo.addAll(dependents.getOrDefault(name, Set.of()));
            }
        }
        if (!all.isEmpty()) {
            dependents.put(app, all);
        }
    }
}
