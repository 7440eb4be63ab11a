package io.bulkhead.core;

import java.util.Set;

/** Gives an app as many instances as its specification says, touching only the difference. */
final class Instances {

    private Instances() {}

    /**
     * New instances run where the others do, and are held where a person stopped all of the others.
     *
     * @param atBoot whether nothing is known of the app but its holds
     */
    static void fit(App app, Fleet fleet, Turn turn, boolean atBoot) {
        fit(app, fleet, turn, atBoot, Set.of());
    }

    static void fit(App app, Fleet fleet, Turn turn, boolean atBoot, Set<InstanceId> holds) {
        int count = app.spec.instances();
        boolean anyWanted = false;
        boolean anyFree = false;
        boolean anyStaying = false;
        for (Instance instance : app.instances.values()) {
            if (!instance.leaving) {
                anyStaying = true;
                anyWanted |= instance.wanted;
                anyFree |= !instance.held;
            }
        }
        boolean held = !atBoot && anyStaying && !anyFree;
        boolean wanted = (anyWanted || app.spec.autostart()) && !app.startsOnSchedule();
        for (int index = 0; index < count; index++) {
            Instance instance = app.instances.get(index);
            if (instance != null && !instance.leaving) {
                continue;
            }
            if (instance == null) {
                instance = new Instance(new InstanceId(app.name, index), app);
                app.instances.put(index, instance);
            }
            instance.leaving = false;
            instance.completed = false;
            instance.nextCause = Cause.START;
            instance.calm();
            boolean rememberedHold = instance.held;
            instance.held = held || holds.contains(instance.id);
            instance.wanted = wanted && !instance.held;
            new Adopted(fleet, turn).recall(instance);
            if (instance.held != (rememberedHold || holds.contains(instance.id))) {
                turn.add(new Effect.RememberHold(instance.id, instance.held));
            }
        }
        for (Instance instance : app.instances.tailMap(count).values()) {
            if (!instance.leaving) {
                leave(instance, turn);
            }
        }
        fleet.reorder();
    }

    static void leave(Instance instance, Turn turn) {
        instance.leaving = true;
        instance.wanted = false;
        if (instance.held) {
            instance.held = false;
            turn.add(new Effect.RememberHold(instance.id, false));
        }
    }
}
