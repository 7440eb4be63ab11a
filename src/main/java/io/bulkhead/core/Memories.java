package io.bulkhead.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Says what the next daemon must know, when it has changed. It comes before everything else that was decided in a turn: a daemon that dies
 * between the two has counted what it did not do any more, which the next one then does without counting it again.
 */
record Memories(Fleet fleet, Turn turn) {

    void write() {
        List<Effect> changed = new ArrayList<>();
        List<Effect> over = new ArrayList<>();
        for (App app : fleet.apps.values()) {
            for (Instance instance : app.instances.values()) {
                if (!isRemembered(instance)) {
                    instance.remembered = of(instance);
                    changed.add(new Effect.RememberInstance(instance.id, instance.remembered));
                }
            }
            roll(app, changed, over);
        }
        turn.effects.addAll(0, changed);
        turn.effects.addAll(over);
    }

    private void roll(App app, List<Effect> changed, List<Effect> over) {
        Optional<RolloutMemory> memory = of(app);
        if (memory.isPresent() && !memory.get().equals(app.remembered)) {
            app.remembered = memory.get();
            changed.add(new Effect.RememberRollout(memory.get()));
        } else if (memory.isEmpty() && app.remembered != null) {
            app.remembered = null;
            over.add(new Effect.ForgetRollout(app.name));
        }
    }

    /** Compared field by field, since this is done for every instance after every event. */
    private static boolean isRemembered(Instance instance) {
        InstanceMemory memory = instance.remembered;
        return memory.restarts() == instance.restarts
                && memory.lastExit().equals(instance.lastExit)
                && memory.completed() == instance.completed
                && memory.gaveUp() == instance.gaveUp
                && memory.crashes() == instance.pacing.crashes()
                && memory.incidents().equals(instance.incidents);
    }

    private static InstanceMemory of(Instance instance) {
        return new InstanceMemory(
                instance.restarts,
                instance.lastExit,
                instance.completed,
                instance.gaveUp,
                instance.pacing.crashes(),
                Map.copyOf(instance.incidents));
    }

    private static Optional<RolloutMemory> of(App app) {
        Roll roll = app.roll;
        boolean prepared = app.rollout == HookGate.Rollout.OPEN;
        if (roll == null) {
            boolean starts = app.prepared && prepared && startsStill(app);
            app.prepared = starts;
            return starts
                    ? Optional.of(new RolloutMemory(app.name, Cause.START, true, Set.of(), Optional.empty(), 0, 0))
                    : Optional.empty();
        }
        TreeSet<Integer> waiting = new TreeSet<>();
        for (Instance instance : app.instances.values()) {
            if (instance.needsReplacement()) {
                waiting.add(instance.id.index());
            }
        }
        boolean different = roll.changes(app.spec);
        return Optional.of(new RolloutMemory(
                app.name,
                roll.cause,
                prepared,
                Set.copyOf(waiting),
                different ? Optional.of(roll.former) : Optional.empty(),
                roll.sinceWall,
                roll.watchedUntilWall));
    }

    /** Whether an instance has still to be started for which {@code before_rollout} has run. */
    private static boolean startsStill(App app) {
        for (Instance instance : app.instances.values()) {
            boolean waits =
                    instance.wanted && !instance.leaving && !instance.gaveUp && instance.nextCause != Cause.CRASH;
            if (waits && (instance.current == null || !instance.current.exists())) {
                return true;
            }
        }
        return false;
    }
}
