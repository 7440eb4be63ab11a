package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** One app and its instances. */
final class App {

    final String name;
    Origin origin;
    AppSpec spec;
    /** The specification that all instances last ran with; a failed roll goes back to it. */
    AppSpec settled;
    /** To be forgotten when its instances are gone. */
    boolean leaving;
    /** Stopped because the host is short of memory: see {@link Shedding}. */
    boolean shed;
    /** How often in a row. */
    int sheds;
    /** When it was shed last, monotonic milliseconds. */
    long shedAt;
    /** Why it was shed. */
    String shedWords = "";
    /** A person wished its number of instances. */
    boolean scaled;
    /** A person started it though the host is short. */
    boolean insistedOn;

    /** Under way, or over and watched. */
    @Nullable
    Roll roll;
    /** Indices of the instances that a reload was wished for while another was under way. */
    final TreeSet<Integer> queued = new TreeSet<>();
    /** What runs is replaced because the former specification came back. */
    boolean goingBack;

    HookGate.Rollout rollout = HookGate.Rollout.OPEN;
    /** {@code before_rollout} has run for a start that is not over. */
    boolean prepared;
    /** Id of the {@code before_rollout} that runs; 0: none. */
    long rolloutHook;
    /** What has been remembered of it. */
    @Nullable
    RolloutMemory remembered;

    long rolledBackTurn = -1;
    final TreeMap<Integer, Instance> instances = new TreeMap<>();
    final Timetable timetable = new Timetable();

    App(AppSpec spec, Origin origin) {
        this.name = spec.name();
        this.spec = spec;
        this.settled = spec;
        this.origin = origin;
    }

    boolean startsOnSchedule() {
        return spec.schedule().isPresent()
                && spec.schedule().get() instanceof AppSpec.Schedule.StartAt
                && spec.restart().policy() != AppSpec.Restart.Policy.ALWAYS;
    }

    /** One of its own has nothing to read anew, and a restart would cut whoever uses it: only one that is named is replaced. */
    boolean isTunnel() {
        return spec.tunnel().isPresent();
    }

    boolean hasRuns() {
        for (Instance instance : instances.values()) {
            if (instance.hasRuns()) {
                return true;
            }
        }
        return false;
    }
}
