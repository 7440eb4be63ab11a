package io.bulkhead.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.bulkhead.core.Effect.AskToStop;
import io.bulkhead.core.Effect.KillRun;
import io.bulkhead.core.Effect.StartRun;
import io.bulkhead.core.Event.ApplyWish;
import io.bulkhead.core.Event.ClockTick;
import io.bulkhead.core.Event.RestartWish;
import io.bulkhead.core.Event.RunExited;
import io.bulkhead.core.Event.RunRefused;
import io.bulkhead.core.Event.RunStarted;
import io.bulkhead.core.Event.StartWish;
import io.bulkhead.core.Event.StopWish;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** A supervisor with a clock that a test moves, told in the words of what happens. Starts succeed when {@link #spawn} is said. */
final class Stage {

    static final long EPOCH = 1_700_000_000_000L;

    final Supervisor supervisor;
    long now = EPOCH;
    long wallOffset;
    final List<Effect> effects = new ArrayList<>();

    Stage(InstanceId... holds) {
        this("t", holds);
    }

    /** @param prefix of run ids: another life of the daemon has another */
    Stage(String prefix, InstanceId... holds) {
        supervisor = new Supervisor(prefix, new Random(7), Set.of(holds));
    }

    static Target target(String text) {
        if (text.equals("all")) {
            return Target.ALL;
        }
        int slash = text.indexOf('/');
        return slash < 0
                ? new Target(Optional.of(text), OptionalInt.empty())
                : new Target(
                        Optional.of(text.substring(0, slash)),
                        OptionalInt.of(Integer.parseInt(text.substring(slash + 1))));
    }

    static InstanceId id(String text) {
        int slash = text.indexOf('/');
        return slash < 0
                ? new InstanceId(text, 0)
                : new InstanceId(text.substring(0, slash), Integer.parseInt(text.substring(slash + 1)));
    }

    /** Handles it; what comes of it is in {@link #effects}, until the next event. */
    Stage on(Event event) {
        effects.clear();
        effects.addAll(supervisor.handle(event, new Now(now, now + wallOffset)));
        return this;
    }

    Ticket wish(Event.Wish wish) {
        on(wish);
        return supervisor.ticket();
    }

    Ticket apply(Apps... apps) {
        return apply(Apps.spec(apps));
    }

    Ticket apply(Spec spec) {
        return wish(new ApplyWish(spec, Origin.FILE, Optional.empty()));
    }

    Ticket start(String target) {
        return wish(new StartWish(target(target)));
    }

    Ticket stop(String target) {
        return wish(new StopWish(target(target)));
    }

    Ticket restart(String target) {
        return wish(new RestartWish(target(target)));
    }

    Ticket reload(String target) {
        return wish(new Event.ReloadWish(target(target)));
    }

    Stage well(String run) {
        return on(new Event.Probed(run, true, ""));
    }

    Stage unwell(String run) {
        return on(new Event.Probed(run, false, "GET /: 500"));
    }

    /** The hooks that the last step began, in order: {@code pre_start web/0}. */
    List<String> hooks() {
        List<String> hooks = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.RunHook hook) {
                hooks.add(hook.hook().word() + " " + hook.instance());
            }
        }
        return hooks;
    }

    /** Ends the hook that the last step began last. */
    Stage hookEnds(boolean well) {
        return on(new Event.HookEnded(lastHook().id(), well, well ? "" : "exited with code 1"));
    }

    Effect.RunHook lastHook() {
        Effect.RunHook last = null;
        for (Effect effect : effects) {
            last = effect instanceof Effect.RunHook hook ? hook : last;
        }
        assertThat(last).as("a hook").isNotNull();
        return last;
    }

    List<String> admitted() {
        List<String> runs = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Admit admit) {
                runs.add(admit.run());
            }
        }
        return runs;
    }

    /** Everything of this kind in the last step. */
    <T extends Effect> List<T> all(Class<T> kind) {
        List<T> found = new ArrayList<>();
        for (Effect effect : effects) {
            if (kind.isInstance(effect)) {
                found.add(kind.cast(effect));
            }
        }
        return found;
    }

    /** Moves the clock to each deadline on the way, then as far as asked. Collects all effects. */
    Stage pass(long millis) {
        long until = now + millis;
        List<Effect> all = new ArrayList<>();
        for (int ticks = 0; ; ticks++) {
            assertThat(ticks).as("ticks without end").isLessThan(100_000);
            OptionalLong next = supervisor.nextDeadline();
            if (next.isEmpty() || next.getAsLong() > until) {
                break;
            }
            now = Math.max(now, next.getAsLong());
            on(new ClockTick());
            all.addAll(effects);
        }
        now = until;
        on(new ClockTick());
        effects.addAll(0, all);
        return this;
    }

    /** Every start that was ordered in the last step succeeds. */
    Stage spawn() {
        List<Effect> all = new ArrayList<>();
        for (String run : started()) {
            on(new RunStarted(run, 1000));
            all.addAll(effects);
        }
        effects.clear();
        effects.addAll(all);
        return this;
    }

    /** Applies, spawns all that is ordered, and lets a second pass: what has no dependency is ready. */
    Stage up(Apps... apps) {
        apply(apps);
        while (!started().isEmpty()) {
            spawn();
            pass(1000);
        }
        return this;
    }

    Stage exit(String run, Exit exit) {
        return on(new RunExited(run, exit));
    }

    Stage crash(String instance) {
        return exit(run(instance), Exit.ofCode(1));
    }

    Stage refuse(String run, String why) {
        return on(new RunRefused(run, new Refusal("command", why, "")));
    }

    /** Ids of the runs that the last step ordered. */
    List<String> started() {
        List<String> runs = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof StartRun start) {
                runs.add(start.run());
            }
        }
        return runs;
    }

    /** Instances that the last step ordered to start, in order. */
    List<String> starts() {
        List<String> instances = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof StartRun start) {
                instances.add(start.instance().toString());
            }
        }
        return instances;
    }

    List<String> asked() {
        List<String> runs = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof AskToStop ask) {
                runs.add(ask.run());
            }
        }
        return runs;
    }

    List<String> killed() {
        List<String> runs = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof KillRun kill) {
                runs.add(kill.run());
            }
        }
        return runs;
    }

    List<String> told() {
        List<String> types = new ArrayList<>();
        for (Effect effect : effects) {
            if (effect instanceof Effect.Tell tell) {
                types.add(tell.type());
            }
        }
        return types;
    }

    InstanceView view(String instance) {
        InstanceId id = id(instance);
        for (InstanceView view : supervisor.app(id.app()).orElseThrow().instances()) {
            if (view.id().equals(id)) {
                return view;
            }
        }
        throw new AssertionError("no instance " + instance);
    }

    InstanceState state(String instance) {
        return view(instance).state();
    }

    String run(String instance) {
        return view(instance).run().orElseThrow();
    }

    Outcome outcome(Ticket ticket) {
        return supervisor.outcome(ticket);
    }
}
