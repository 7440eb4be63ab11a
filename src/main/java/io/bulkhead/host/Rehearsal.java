package io.bulkhead.host;

import io.bulkhead.core.Cause;
import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.core.Exit;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Now;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Supervisor;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.Signals;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.ServerSpec;
import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Goes through what happens between a crash and the replacement often enough for the JVM to compile it, once, when the apps are up. Without
 * it the first crashes of a daemon's life are answered by interpreted code: 12 ms were measured where 5 are the aim. Nothing of it
 * reaches the apps: a supervisor of its own decides, and only reads and one file of its own are real.
 */
final class Rehearsal {

    /** The JVM compiles a method after 200 calls (Tier3InvocationThreshold), earlier where it loops. */
    private static final int TIMES = 220;

    private static final long SECOND = 1_000;

    private final Launch launch;
    private final Compartments compartments;
    private final AppSpec app;

    Rehearsal(Launch launch, Compartments compartments, AppSpec app) {
        this.launch = launch;
        this.compartments = compartments;
        this.app = app;
    }

    /** Takes some tenths of a second. On the worker. */
    void run() {
        InstanceId instance = new InstanceId(app.name(), 0);
        Supervisor supervisor = new Supervisor("rehearsal-", new Random(1), Set.of());
        Spec spec = new Spec(ServerSpec.standard(0), Map.of(app.name(), app), Map.of(), Set.of(), List.of());
        long now = SECOND;
        List<Effect> effects =
                supervisor.handle(new Event.ApplyWish(spec, Origin.FILE, Optional.empty()), new Now(now, now));
        try {
            for (int i = 0; i < TIMES; i++) {
                for (Effect effect : effects) {
                    if (effect instanceof Effect.StartRun start
                            && start.instance().equals(instance)) {
                        now += app.restart().backoff().resetAfter().toMillis() + SECOND;
                        effects = crash(supervisor, start.run(), now);
                        break;
                    }
                }
                launch.prepare(new Effect.StartRun("rehearsal", instance, app, Cause.CRASH));
                look();
                RunRecord.writeRun(compartments.folder(), "rehearsal", 0);
            }
        } catch (LaunchRefused | IOException notHere) {
            return; // then the first crashes are answered a little later
        }
        // What the start and this needed of the heap goes back to the system: nothing else collects it for hours.
        System.gc();
    }

    private static List<Effect> crash(Supervisor supervisor, String run, long now) {
        supervisor.handle(new Event.RunStarted(run, 1), new Now(now - SECOND, now - SECOND));
        supervisor.handle(new Event.ClockTick(), new Now(now, now));
        return supervisor.handle(new Event.RunExited(run, Exit.ofSignal(Signals.KILL)), new Now(now, now));
    }

    private void look() {
        for (Compartment compartment : compartments.all()) {
            compartments.members(compartment);
            compartment.cgroup.marks();
            Proc.HOST.exitStatus(compartment.keeper.pid());
            return;
        }
    }
}
