package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Everything that is known: apps, instances, living runs. */
final class Fleet {

    final Map<String, App> apps = new LinkedHashMap<>();
    final Map<String, Run> runs = new HashMap<>();
    final RandomGenerator random;
    final CronTimes cron;
    final Shedding.Host host = new Shedding.Host();
    /** Apps whose second generation does not fit into memory, by their limits. */
    Set<String> withoutSecond = Set.of();

    /** Why each external that is away is so; empty words while it is being looked at. */
    Map<String, String> away = Map.of();
    /** What a former daemon kept of instances that have not been seen yet. */
    final Map<InstanceId, InstanceMemory> instanceMemories = new HashMap<>();
    /** What it kept of the rolls of apps that have not been seen yet. */
    final Map<String, RolloutMemory> rolloutMemories = new HashMap<>();

    /** Numbers of instances that persons wished under a former daemon, for apps not seen yet. */
    final Map<String, Integer> scales = new HashMap<>();

    boolean shuttingDown;
    boolean finished;

    private final String runPrefix;
    private long runCount;
    private Order order = Order.of(List.of());
    private List<Instance> inStartOrder = List.of();

    Fleet(String runPrefix, RandomGenerator random, CronTimes cron) {
        this.runPrefix = runPrefix;
        this.random = random;
        this.cron = cron;
    }

    String newRunId() {
        return runPrefix + Long.toString(++runCount, 36);
    }

    /** To be called when apps, instances, their dependencies or priorities have changed. */
    void reorder() {
        List<AppSpec> specs = new ArrayList<>(apps.size());
        for (App app : apps.values()) {
            specs.add(app.spec);
        }
        order = Order.of(specs);
        List<Instance> instances = new ArrayList<>();
        for (String name : order.startOrder()) {
            App app = apps.get(name);
            if (app != null) {
                instances.addAll(app.instances.values());
            }
        }
        inStartOrder = List.copyOf(instances);
    }

    Order order() {
        return order;
    }

    List<Instance> inStartOrder() {
        return inStartOrder;
    }

    boolean mustStop(Instance instance) {
        return shuttingDown || instance.leaving || !instance.wanted || instance.app.shed;
    }

    /** An app is stopped after those that need it and are to stop too. */
    boolean mayStop(Instance instance) {
        for (String name : order.dependents(instance.id.app())) {
            App dependent = apps.get(name);
            if (dependent == null) {
                continue;
            }
            for (Instance other : dependent.instances.values()) {
                if (other.hasRuns() && mustStop(other)) {
                    return false;
                }
            }
        }
        return true;
    }
}
