package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.Ready;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.TreeSet;

/** What the world is like outside the supervisor: programs that obey or do not, and a disk that remembers. Survives the daemon. */
final class SimulatedHost {

    enum Life {
        /** The order is there; the program is not. */
        ORDERED,
        ALIVE,
        /** It has ended, and the supervisor has not heard of it. */
        DEAD
    }

    /** One program. */
    static final class Program {
        final String run;
        final InstanceId instance;
        final AppSpec spec;
        final Cause cause;
        /** How many had been ordered before it. */
        final int order;

        /** What the host checks it by. */
        AppSpec live;
        /** Its {@code pre_stop} was ordered. */
        boolean stopping;

        Life life = Life.ORDERED;
        /** The supervisor knows that it exists. */
        boolean reported;

        Exit exit = Exit.ofCode(0);
        boolean refused;
        boolean asked;
        /** Asked for its memory, the host's, or its health. */
        boolean forced;
        /** It was told to be above this mark. */
        Optional<MemoryLevel> above = Optional.empty();

        boolean deaf;
        /** It must not serve before it is admitted. */
        boolean gated;
        /** By the daemon that lives now. */
        boolean adopted;

        boolean admitted;
        /** The supervisor has said that it is ready. */
        boolean toldReady;
        /** It has said that it is ready, and its last check was well. */
        boolean saidReady;

        boolean well;
        /** The kernel has killed a process of its tree. */
        boolean lostChild;

        long startedAt;
        long startedWall;
        long askedAt;
        long askedGrace;
        long killedAt;
        int kills;
        /** It stands in the way of a kill for a while, as a process in uninterruptible sleep does. */
        int stuck;

        Program(String run, InstanceId instance, AppSpec spec, Cause cause, int order) {
            this.run = run;
            this.instance = instance;
            this.spec = spec;
            this.live = spec;
            this.cause = cause;
            this.order = order;
        }
    }

    /** A hook that the supervisor waits for. */
    record Awaited(long id, Hook hook, String app, String run) {}

    final Map<Long, Awaited> hooks = new LinkedHashMap<>();
    /** Runs whose {@code pre_start} runs, or has ended without the supervisor having heard of it. */
    final Map<String, Awaited> preparing = new LinkedHashMap<>();

    final Map<InstanceId, InstanceMemory> rememberedInstances = new LinkedHashMap<>();
    final Map<String, Integer> rememberedScales = new LinkedHashMap<>();
    final Map<String, RolloutMemory> rememberedRollouts = new LinkedHashMap<>();
    final Map<String, Program> programs = new LinkedHashMap<>();
    final Map<String, AppSpec> rememberedApps = new LinkedHashMap<>();
    final Map<String, Origin> rememberedOrigins = new LinkedHashMap<>();
    final TreeSet<InstanceId> rememberedHolds = new TreeSet<>();
    /** Reports on their way; those about one run keep their order. */
    final List<Event> mail = new ArrayList<>();

    int orders;
    private final Random random;
    /** Whether nothing goes wrong for now: programs start, live, and end when asked. */
    boolean kind;

    SimulatedHost(Random random) {
        this.random = random;
    }

    /** Carries out one effect; what comes of it is put into {@link #mail}. */
    void carryOut(Effect effect, long now) {
        switch (effect) {
            case Effect.StartRun start -> {
                Program program = new Program(start.run(), start.instance(), start.app(), start.cause(), ++orders);
                program.gated = start.gated();
                programs.put(program.run, program);
            }
            case Effect.AskToStop ask -> {
                Program program = programs.get(ask.run());
                program.asked = true;
                program.askedAt = now;
                program.askedGrace = ask.app().stop().grace().toMillis();
                if (program.life == Life.ALIVE && (kind || random.nextInt(3) > 0)) {
                    end(program, random.nextBoolean() ? Exit.ofSignal(15) : Exit.ofCode(random.nextInt(3)));
                }
            }
            case Effect.KillRun kill -> {
                Program program = programs.get(kill.run());
                if (!program.asked) {
                    // Only a ladder asks again; what core breaks off is killed until it is gone.
                    if (program.life == Life.ALIVE) {
                        end(program, Exit.ofSignal(9));
                    }
                    return;
                }
                program.kills++;
                program.killedAt = now;
                if (!kind && random.nextInt(4) == 0) {
                    program.stuck++;
                } else if (program.life == Life.ALIVE) {
                    end(program, Exit.ofSignal(9));
                }
            }
            case Effect.RememberHold hold -> {
                if (hold.held()) {
                    rememberedHolds.add(hold.instance());
                } else {
                    rememberedHolds.remove(hold.instance());
                }
            }
            case Effect.RememberApp app -> {
                rememberedApps.put(app.app().name(), app.app());
                rememberedOrigins.put(app.app().name(), app.origin());
            }
            case Effect.ForgetApp app -> {
                rememberedApps.remove(app.app());
                rememberedOrigins.remove(app.app());
                rememberedHolds.removeIf(id -> id.app().equals(app.app()));
                rememberedInstances.keySet().removeIf(id -> id.app().equals(app.app()));
                rememberedRollouts.remove(app.app());
                rememberedScales.remove(app.app());
            }
            case Effect.PrepareDrain drain -> mail.add(new Event.DrainPrepared(drain.run()));
            case Effect.UpdateRun update -> programs.get(update.run()).live = update.app();
            case Effect.RunHook hook -> {
                Awaited awaited =
                        new Awaited(hook.id(), hook.hook(), hook.instance().app(), hook.run());
                if (hook.hook() == Hook.PRE_START) {
                    preparing.put(hook.run(), awaited);
                }
                if (hook.hook() == Hook.PRE_STOP) {
                    programs.get(hook.run()).stopping = true;
                }
                if (hook.awaited()) {
                    hooks.put(hook.id(), awaited);
                }
            }
            case Effect.EndHook end -> endHook(end.id(), false);
            case Effect.Admit admit -> programs.get(admit.run()).admitted = true;
            case Effect.RecordUnhealthy record -> mail.add(new Event.UnhealthyRecorded(record.run()));
            case Effect.RememberInstance instance -> rememberedInstances.put(instance.instance(), instance.memory());
            case Effect.RememberRollout rollout ->
                rememberedRollouts.put(rollout.memory().app(), rollout.memory());
            case Effect.RememberScale scale -> rememberedScales.put(scale.app(), scale.instances());
            case Effect.ForgetScale scale -> rememberedScales.remove(scale.app());
            case Effect.ForgetRollout rollout -> rememberedRollouts.remove(rollout.app());
            case Effect.Release release -> {}
            case Effect.Tell tell -> {
                Program program = programs.get(tell.run());
                if (program != null && tell.type().equals(Tale.READY)) {
                    program.toldReady = true;
                }
            }
            case Effect.OpenIncident incident -> {}
            case Effect.ResolveIncidents over -> {}
            case Effect.Finished finished -> {}
        }
    }

    /** Answers an order to start. */
    void spawn(Program program, long now, long wall) {
        if (!kind && random.nextInt(12) == 0) {
            program.life = Life.DEAD;
            program.refused = true;
            mail.add(new Event.RunRefused(program.run, new Refusal("command", "node: not found in PATH", "")));
            return;
        }
        program.life = Life.ALIVE;
        program.startedAt = now;
        program.startedWall = wall;
        mail.add(new Event.RunStarted(program.run, 1000 + random.nextInt(30_000)));
        boolean oneShot = program.spec.restart().policy() != AppSpec.Restart.Policy.ALWAYS;
        if (!kind && random.nextInt(4) == 0) {
            end(program, randomExit());
        } else if (oneShot && random.nextInt(4) == 0) {
            end(program, Exit.ofCode(0));
        }
    }

    void end(Program program, Exit exit) {
        program.life = Life.DEAD;
        program.exit = exit;
        mail.add(new Event.RunExited(program.run, exit));
    }

    /** Nothing if it has ended already. */
    void endHook(long id, boolean well) {
        if (hooks.remove(id) != null) {
            mail.add(new Event.HookEnded(id, well, well ? "" : "exited with code 1"));
        }
    }

    /** It says that it is ready, or is checked. */
    void speak(Program program, boolean well) {
        if (program.live.health().isPresent() && (program.saidReady || random.nextBoolean())) {
            program.well = well;
            mail.add(new Event.Probed(program.run, well, "500"));
        } else {
            program.saidReady = true;
            mail.add(new Event.RunReady(program.run));
        }
    }

    /** Whether it has still to say that it is ready or well. */
    static boolean silent(Program program) {
        boolean says =
                !(program.live.ready() instanceof Ready.After) && !(program.live.ready() instanceof Ready.Healthy);
        return (says && !program.saidReady) || (program.live.health().isPresent() && !program.well);
    }

    /** Its memory moves: over a mark, down again, or not at all. */
    void remember(Program program, int dice) {
        if (program.spec.memoryWatch().flatMap(watch -> watch.drainAt()).isEmpty()) {
            return;
        }
        long bytes = (60L + random.nextInt(60)) << 20;
        if (program.above.isPresent() && dice == 0) {
            program.above = Optional.empty();
            mail.add(new Event.MemoryBelowMark(program.run, bytes));
        } else if (program.above.isPresent() && dice == 1) {
            mail.add(new Event.MemorySteady(program.run, bytes));
        } else if (program.above.isEmpty() || program.above.get() == MemoryLevel.DRAIN_MARK) {
            MemoryLevel next = program.above.isEmpty() ? MemoryLevel.DRAIN_MARK : MemoryLevel.LAST_CHANCE;
            program.above = Optional.of(next);
            long pace = random.nextInt(3) == 0 ? 0 : random.nextLong(200L << 20);
            mail.add(new Event.MemoryAboveMark(program.run, next, bytes, pace, random.nextInt(4) > 0));
        }
    }

    /** All is below its mark, and the host has memory. */
    void relax() {
        for (Program program : in(Life.ALIVE)) {
            if (program.above.isPresent()) {
                remember(program, 0);
            }
        }
        mail.add(new Event.HostEasy(1L << 30));
    }

    Exit randomExit() {
        return switch (random.nextInt(6)) {
            case 0 -> Exit.ofCode(0);
            case 5 -> forked();
            case 1 -> Exit.ofSignal(9);
            case 2 -> Exit.ofSignal(11);
            case 3 -> Exit.unknown("nobody saw it");
            default -> Exit.ofCode(1);
        };
    }

    private Exit forked() {
        return new Exit(
                OptionalInt.of(0),
                OptionalInt.empty(),
                KernelKills.NONE,
                false,
                0,
                0,
                1 + random.nextInt(2),
                List.of(),
                true,
                Optional.empty());
    }

    List<Program> in(Life life) {
        List<Program> found = new ArrayList<>();
        for (Program program : programs.values()) {
            if (program.life == life) {
                found.add(program);
            }
        }
        return found;
    }

    List<Program> of(InstanceId instance) {
        List<Program> found = new ArrayList<>();
        for (Program program : programs.values()) {
            if (program.instance.equals(instance)) {
                found.add(program);
            }
        }
        return found;
    }

    /** Takes one report that is due; reports about one run keep their order, others may overtake. */
    Event takeMail() {
        int index = random.nextInt(mail.size());
        Event chosen = mail.get(index);
        String run = runOf(chosen);
        for (int i = 0; i < index; i++) {
            if (runOf(mail.get(i)).equals(run)) {
                index = i;
                break;
            }
        }
        return mail.remove(index);
    }

    static String runOf(Event event) {
        return switch (event) {
            case Event.RunStarted e -> e.run();
            case Event.RunRefused e -> e.run();
            case Event.RunExited e -> e.run();
            case Event.ChildKilled e -> e.run();
            case Event.RunAdopted e -> e.run();
            case Event.MemoryAboveMark e -> e.run();
            case Event.MemoryBelowMark e -> e.run();
            case Event.MemorySteady e -> e.run();
            case Event.DrainPrepared e -> e.run();
            case Event.RunReady e -> e.run();
            case Event.Probed e -> e.run();
            case Event.UnhealthyRecorded e -> e.run();
            case Event.OpensItself e -> e.run();
            case Event.HookEnded e -> "";
            case Event.ExternalsAway e -> "";
            case Event.InstanceRemembered e -> "";
            case Event.RolloutRemembered e -> "";
            case Event.ScaleRemembered e -> "";
            case Event.HostShort e -> "";
            case Event.HostEasy e -> "";
            case Event.NoRoomForTwo e -> "";
            case Event.ClockTick e -> "";
            case Event.Wish e -> "";
        };
    }
}
