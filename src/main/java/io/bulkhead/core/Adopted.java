package io.bulkhead.core;

import java.util.Map;

/** Takes over what a former daemon left: runs found alive, and what it wrote down. */
record Adopted(Fleet fleet, Turn turn) {

    void run(Event.RunAdopted event, boolean held) {
        if (fleet.runs.containsKey(event.run())) {
            return;
        }
        App app = fleet.apps.get(event.app().name());
        if (app == null) {
            app = new App(event.app(), event.origin());
            fleet.apps.put(app.name, app);
            recall(app);
        }
        Instance instance = app.instances.get(event.instance().index());
        if (instance == null) {
            instance = new Instance(event.instance(), app);
            instance.held = held;
            instance.wanted = !held;
            app.instances.put(event.instance().index(), instance);
            recall(instance, true);
            fleet.reorder();
        }
        Run run = new Run(event.run(), instance, event.app(), Cause.START, turn.number);
        long age = Math.max(0, turn.now.wallMillis() - event.startedWallMillis());
        run.adopted = true;
        run.gated = Readiness.served(run.spec);
        run.phase = Run.Phase.STARTING;
        run.saidReady = event.ready();
        run.pid = event.pid();
        run.startedAt = turn.time() - age;
        run.startedWall = event.startedWallMillis();
        run.drainsFrom = Facts.drainsFrom(run);
        run.tooOldAt = new Pass(fleet, turn).tooOldAt(run);
        instance.occupied = true;
        instance.everStarted = true;
        instance.lastPid = run.pid;
        fleet.runs.put(run.id, run);
        turn.tell(Tale.ADOPTED, instance, run.id, Map.of("pid", run.pid));
        place(run, instance);
    }

    /** Of two the younger was to replace the other, and does. */
    private void place(Run run, Instance instance) {
        Run other = instance.current;
        if (other == null) {
            instance.current = run;
            return;
        }
        if (instance.replacement != null
                || !Replacements.beside(instance, run)
                || !Replacements.beside(instance, other)) {
            Run younger = other.startedAt >= run.startedAt ? other : run;
            Pass.end(younger == run ? other : run, Run.Ending.REPLACE, turn);
            instance.current = younger;
            return;
        }
        boolean younger = run.startedAt > other.startedAt;
        instance.current = younger ? other : run;
        instance.replacement = younger ? run : other;
        instance.replacing = new Instance.Replacing(Cause.RELOAD, false);
    }

    void instance(Event.InstanceRemembered event) {
        App app = fleet.apps.get(event.instance().app());
        Instance instance =
                app == null ? null : app.instances.get(event.instance().index());
        if (instance == null) {
            fleet.instanceMemories.put(event.instance(), event.memory());
        } else {
            restore(instance, event.memory(), true);
        }
    }

    void rollout(Event.RolloutRemembered event) {
        App app = fleet.apps.get(event.memory().app());
        if (app == null) {
            fleet.rolloutMemories.put(event.memory().app(), event.memory());
        } else {
            restore(app, event.memory());
        }
    }

    /** What is remembered of an instance that is seen for the first time. */
    void recall(Instance instance) {
        recall(instance, false);
    }

    private void recall(Instance instance, boolean lives) {
        InstanceMemory memory = fleet.instanceMemories.remove(instance.id);
        if (memory != null) {
            restore(instance, memory, lives);
        }
    }

    /** What is remembered of an app that is seen for the first time, or has its instances now. */
    void recall(App app) {
        RolloutMemory memory = fleet.rolloutMemories.get(app.name);
        if (memory != null && !app.instances.isEmpty()) {
            fleet.rolloutMemories.remove(app.name);
            restore(app, memory);
        }
    }

    /** @param lives a run of it was found */
    private static void restore(Instance instance, InstanceMemory memory, boolean lives) {
        instance.restarts = memory.restarts();
        instance.everStarted |= memory.restarts() > 0 || memory.lastExit().isPresent();
        instance.lastExit = memory.lastExit();
        instance.incidents.putAll(memory.incidents());
        instance.pacing = RestartPacing.after(memory.crashes());
        instance.alerted = instance.pacing.breakerOpen() || memory.gaveUp();
        instance.failure = memory.lastExit().map(exit -> exit.report().detail()).orElse("");
        instance.gaveUp = memory.gaveUp() && !lives;
        if (memory.completed() && !lives) {
            instance.completed = true;
            instance.wanted = false;
        }
        instance.remembered = memory;
    }

    private void restore(App app, RolloutMemory memory) {
        app.remembered = memory;
        app.rollout = HookGate.Rollout.OPEN;
        if (!memory.prepared()) {
            HookGate.rollOut(app);
        }
        if (memory.cause() == Cause.START) {
            app.prepared = memory.prepared();
            return;
        }
        long left = memory.watchedUntilWallMillis() - turn.now.wallMillis();
        boolean rolling = memory.watchedUntilWallMillis() == 0;
        if (!rolling && left <= 0) {
            return;
        }
        Roll roll = new Roll(
                memory.cause(), 0, memory.sinceWallMillis(), memory.former().orElse(app.spec), 0);
        roll.watchedUntil = rolling ? Long.MAX_VALUE : turn.time() + left;
        roll.watchedUntilWall = memory.watchedUntilWallMillis();
        app.roll = roll;
        if (rolling) {
            app.settled = roll.former;
            for (int index : memory.waiting()) {
                Instance instance = app.instances.get(index);
                if (instance != null && memory.cause() == Cause.RELOAD) {
                    resume(instance, roll);
                }
            }
        }
    }

    private static void resume(Instance instance, Roll roll) {
        Run current = instance.current;
        if (current != null && current.adopted && !roll.brought(current) && instance.replacing == null) {
            instance.replacing = new Instance.Replacing(Cause.RELOAD, false);
        }
    }
}
