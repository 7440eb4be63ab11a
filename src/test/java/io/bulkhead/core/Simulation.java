package io.bulkhead.core;

import static io.bulkhead.core.Invariants.require;

import io.bulkhead.core.SimulatedHost.Life;
import io.bulkhead.core.SimulatedHost.Program;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Cron;
import io.bulkhead.spec.Spec;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;

/** One world from one seed: random wishes and faults against a supervisor, every law checked after every step. */
final class Simulation {

    private static final int REST_EVERY = 400;
    private static final int TRACE = Integer.getInteger("simulation.trace", 60);

    private static final int MOST_SLOTS = 100_000;

    private record Slot(Cron cron, long minute) {}

    /** The same in every world. */
    private static final Map<Slot, Long> SLOTS = new HashMap<>();

    private final Random random;
    private final SimulatedHost host;
    private final RandomSpecs specs;
    private final Deque<Object> trace = new ArrayDeque<>();
    private Invariants laws;
    private Supervisor supervisor;
    private final List<Invariants.Wished> tickets = new ArrayList<>();

    private long now = 1_700_000_000_000L;
    private long wall = now;
    private int lives;
    long steps;
    /** Effects carried out while the world was not kind: at each boundary between two of them the daemon may die. */
    long effects;
    /** The daemon dies when so many have been carried out. */
    private long lastEffect = Long.MAX_VALUE;
    /** Events handled: each with its effects carried out and every law about them checked. */
    long events;

    Simulation(long seed) {
        this.random = new Random(seed);
        this.host = new SimulatedHost(random);
        this.specs = new RandomSpecs(random);
        this.laws = new Invariants(host);
        this.supervisor = newSupervisor();
    }

    /** The same world until the daemon dies, which it does after so many effects. */
    Simulation(long seed, long lastEffect) {
        this(seed);
        this.lastEffect = lastEffect;
    }

    private Supervisor newSupervisor() {
        return new Supervisor(
                "d" + ++lives + "-", new Random(random.nextLong()), host.rememberedHolds, Simulation::cronTimes);
    }

    /** The real crontab, each minute of it read once: nothing in it changes within a minute. */
    static long cronTimes(Cron cron, long wallMillis) {
        if (SLOTS.size() > MOST_SLOTS) {
            SLOTS.clear();
        }
        long minute = Math.floorDiv(wallMillis, 60_000);
        return SLOTS.computeIfAbsent(new Slot(cron, minute), slot -> CronTimes.read(cron, minute * 60_000));
    }

    /** The last steps, oldest first, for people. */
    List<String> trace() {
        List<String> lines = new ArrayList<>();
        for (Object entry : trace) {
            String line = (entry instanceof Effect ? "    " : "") + entry;
            lines.add(brief(line));
        }
        return lines;
    }

    /** Specifications as their names and commands: they would fill the page. */
    private static String brief(String line) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int at = line.indexOf("AppSpec[name="); at >= 0; at = line.indexOf("AppSpec[name=", from)) {
            int comma = line.indexOf(',', at);
            int argv = line.indexOf("argv=[", at) + 6;
            text.append(line, from, at)
                    .append(line, at + 13, comma)
                    .append(' ')
                    .append(line, argv, line.indexOf(']', argv));
            int depth = 0;
            from = at;
            do {
                char c = line.charAt(from++);
                depth += c == '[' ? 1 : c == ']' ? -1 : 0;
            } while (depth > 0 || line.charAt(from - 1) != ']');
        }
        return text.append(line, from, line.length()).toString();
    }

    void step() {
        steps++;
        long eventsBefore = events;
        host.kind = false;
        if (steps % REST_EVERY == 0) {
            rest();
            return;
        }
        switch (random.nextInt(30)) {
            case 0, 1, 2, 3 -> tick();
            case 4, 5, 6, 7, 8, 9 -> deliver();
            case 10, 11, 12, 13 -> spawn();
            case 14, 15 -> die();
            case 16, 17 -> wish();
            case 18 -> apply();
            case 19, 20, 21 -> memory();
            case 22, 23, 24 -> speak();
            case 25, 26, 27 -> endHook();
            case 28 -> rollWish();
            default -> trouble();
        }
        if (events > eventsBefore) {
            laws.views(supervisor);
        }
    }

    private void tick() {
        OptionalLong next = supervisor.nextDeadline();
        long by = switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(3000);
            default -> Math.max(0, next.orElse(now + 1000) - now);
        };
        pass(by);
        handle(new Event.ClockTick());
        laws.afterTick(supervisor, now);
    }

    private void pass(long millis) {
        now += millis;
        wall += millis;
    }

    private void deliver() {
        if (host.mail.isEmpty()) {
            return;
        }
        Event event = host.takeMail();
        pass(random.nextInt(3));
        handle(event);
        if (random.nextInt(10) == 0) {
            handle(event);
        }
    }

    private void spawn() {
        List<Program> ordered = host.in(Life.ORDERED);
        if (!ordered.isEmpty()) {
            host.spawn(ordered.get(random.nextInt(ordered.size())), now, wall);
            deliver();
        }
    }

    private void memory() {
        List<Program> alive = host.in(Life.ALIVE);
        int dice = random.nextInt(12);
        if (dice == 0) {
            Map<String, Long> uses = new HashMap<>();
            for (String name : RandomSpecs.NAMES) {
                uses.put(name, random.nextLong(1 << 30));
            }
            host.mail.add(new Event.HostShort(random.nextLong(1 << 26), "the host is short", uses));
        } else if (dice == 1) {
            host.mail.add(new Event.HostEasy(1L << 30));
        } else if (!alive.isEmpty()) {
            host.remember(alive.get(random.nextInt(alive.size())), random.nextInt(3));
        }
    }

    private void speak() {
        List<Program> alive = host.in(Life.ALIVE);
        if (random.nextInt(20) == 0) {
            host.mail.add(
                    new Event.ExternalsAway(random.nextBoolean() ? Map.of("an-external", "it is away") : Map.of()));
        } else if (!alive.isEmpty()) {
            host.speak(alive.get(random.nextInt(alive.size())), random.nextInt(4) > 0);
        }
    }

    private void endHook() {
        if (!host.hooks.isEmpty()) {
            List<Long> ids = List.copyOf(host.hooks.keySet());
            host.endHook(ids.get(random.nextInt(ids.size())), random.nextInt(4) > 0);
        }
    }

    private void rollWish() {
        if (random.nextInt(3) > 0) {
            handle(new Event.ReloadWish(target()));
        } else {
            String name = RandomSpecs.NAMES[random.nextInt(RandomSpecs.NAMES.length)];
            handle(new Event.ScaleWish(name, random.nextInt(4)));
        }
    }

    private void die() {
        List<Program> alive = host.in(Life.ALIVE);
        if (!alive.isEmpty()) {
            host.end(alive.get(random.nextInt(alive.size())), host.randomExit());
        }
    }

    private void wish() {
        switch (random.nextInt(12)) {
            case 0, 1, 2 -> handle(new Event.StartWish(target()));
            case 3, 4, 5 -> handle(new Event.StopWish(target()));
            case 6, 7, 8 -> handle(new Event.RestartWish(target()));
            case 9, 10 -> handle(new Event.ResetWish(target()));
            default -> handle(new Event.DeleteWish(target()));
        }
    }

    private Target target() {
        int dice = random.nextInt(12);
        if (dice == 0) {
            return Target.ALL;
        }
        String name = RandomSpecs.NAMES[random.nextInt(RandomSpecs.NAMES.length)];
        return new Target(Optional.of(name), dice < 4 ? OptionalInt.of(random.nextInt(3)) : OptionalInt.empty());
    }

    private void apply() {
        Map<String, AppSpec> mine = new LinkedHashMap<>(host.rememberedApps);
        Spec spec = specs.next(mine);
        Origin origin = random.nextInt(8) == 0 ? Origin.START : Origin.FILE;
        Optional<String> only = random.nextInt(4) == 0
                ? Optional.of(RandomSpecs.NAMES[random.nextInt(RandomSpecs.NAMES.length)])
                : Optional.empty();
        handle(new Event.ApplyWish(spec, origin, only));
    }

    private void trouble() {
        switch (random.nextInt(8)) {
            case 0 -> wall += 1000L * random.nextInt(7200);
            case 1 -> wall -= 1000L * random.nextInt(7200);
            case 2 -> wall -= 4L * 3_600_000 + random.nextInt(100_000_000);
            case 3, 4 -> daemonDies();
            case 5 -> {
                if (random.nextInt(6) == 0) {
                    shutdown();
                }
            }
            case 6 -> loseChild();
            default -> handle(new Event.RunExited("no-such-run", Exit.ofCode(0)));
        }
    }

    /** The kernel kills a process of a tree whose program lives; told late now and then. */
    private void loseChild() {
        List<Program> alive = host.in(Life.ALIVE);
        if (!alive.isEmpty()) {
            Program program = alive.get(random.nextInt(alive.size()));
            program.lostChild = true;
            KernelKills kills =
                    random.nextBoolean() ? KernelKills.ownLimit(1) : new KernelKills(2, KernelKills.Where.HOST, "");
            handle(new Event.ChildKilled(program.run, kills, 4711, "php-fpm"));
        }
    }

    /** Gives the event to the supervisor and carries out what it says; the daemon may die between two effects. */
    private void handle(Event event) {
        events++;
        note(event);
        laws.clock(wall);
        before(event);
        int orders = host.orders;
        List<Effect> effects = supervisor.handle(event, new Now(now, wall));
        if (event instanceof Event.Wish) {
            tickets.add(new Invariants.Wished(supervisor.ticket(), orders));
            supervisor.outcome(supervisor.ticket());
        }
        boolean dies = !host.kind && !effects.isEmpty() && random.nextInt(2000) == 0;
        int survives = dies ? random.nextInt(effects.size()) : effects.size();
        if (!host.kind && this.effects + survives >= lastEffect) {
            dies = true;
            survives = (int) (lastEffect - this.effects);
            lastEffect = Long.MAX_VALUE;
        }
        this.effects += host.kind ? 0 : survives;
        for (Effect effect : effects.subList(0, survives)) {
            note(effect);
            laws.check(effect, now, wall);
            host.carryOut(effect, now);
        }
        if (dies) {
            if (laws.ending != null && laws.ending.life == Life.DEAD) {
                host.programs.put(laws.ending.run, laws.ending); // Nobody has buried it yet.
            }
            daemonDies();
        } else {
            after(event);
        }
    }

    private void before(Event event) {
        switch (event) {
            case Event.RunStarted started -> {
                Program program = host.programs.get(started.run());
                if (program != null && !program.reported) {
                    program.reported = true;
                    program.startedAt = now;
                }
            }
            case Event.StartWish wish -> {
                laws.calm("");
                release(wish.target(), false);
                laws.insisted(wish.target());
            }
            case Event.RestartWish wish -> {
                laws.calm("");
                release(wish.target(), wish.target().app().isEmpty());
                laws.drains.clear();
                if (wish.target().app().isPresent()) {
                    laws.insisted(wish.target());
                }
            }
            case Event.StopWish wish -> {
                laws.calm("");
                if (!laws.shutdownWished) {
                    forEach(wish.target(), id -> laws.held.add(id));
                }
            }
            case Event.DeleteWish wish -> {
                if (wish.target().instance().isEmpty() && !laws.shutdownWished) {
                    forEach(wish.target(), id -> laws.deleting.add(id.app()));
                }
            }
            case Event.ResetWish wish -> {
                laws.calm("");
                laws.drains.clear();
            }
            case Event.ApplyWish wish -> {
                laws.calm("");
                laws.drains.clear();
                if (!laws.shutdownWished) {
                    changesSet(wish);
                }
            }
            case Event.ShutdownWish wish -> laws.shutdown();
            case Event.ClockTick e -> {}
            case Event.RunRefused refused -> laws.ending = host.programs.remove(refused.run());
            case Event.RunExited exited -> {
                laws.ending = host.programs.remove(exited.run());
                laws.endingCounted = laws.ending != null && laws.countedBefore(laws.ending);
            }
            case Event.RunAdopted e -> {}
            case Event.ChildKilled e -> {}
            case Event.MemoryAboveMark above -> {
                if (!above.roomForTwo()) {
                    laws.alone.add(above.run());
                }
            }
            case Event.MemoryBelowMark e -> {}
            case Event.MemorySteady e -> {}
            case Event.OpensItself itself -> {}
            case Event.DrainPrepared e -> {}
            case Event.RunReady e -> {}
            case Event.Probed e -> {}
            case Event.UnhealthyRecorded e -> {}
            case Event.HookEnded e -> host.preparing.values().removeIf(hook -> hook.id() == e.id());
            case Event.ExternalsAway e -> {}
            case Event.InstanceRemembered e -> {}
            case Event.RolloutRemembered e -> {}
            case Event.ScaleRemembered e -> {}
            case Event.ReloadWish wish -> {
                laws.calm("");
                release(wish.target(), wish.target().app().isEmpty());
                laws.drains.clear();
                if (wish.target().app().isPresent()) {
                    laws.insisted(wish.target());
                }
            }
            case Event.ScaleWish wish -> laws.calm(wish.app());
            case Event.HostShort e -> laws.hostShort = true;
            case Event.HostEasy e -> laws.hostIsEasy(now);
            case Event.NoRoomForTwo e -> {}
        }
    }

    private void changesSet(Event.ApplyWish wish) {
        for (Map.Entry<String, Origin> app : host.rememberedOrigins.entrySet()) {
            boolean meant = wish.only().isEmpty() || wish.only().get().equals(app.getKey());
            if (meant && app.getValue() == wish.origin() && !wish.spec().apps().containsKey(app.getKey())) {
                laws.deleting.add(app.getKey());
            }
        }
        for (String name : wish.spec().apps().keySet()) {
            if (wish.only().isEmpty() || wish.only().get().equals(name)) {
                laws.deleting.remove(name);
            }
        }
    }

    private void release(Target target, boolean onlyFree) {
        if (!onlyFree && !laws.shutdownWished) {
            forEach(target, id -> laws.held.remove(id));
        }
    }

    /** Instances that the target means, by what the supervisor shows and does not delete. */
    private void forEach(Target target, java.util.function.Consumer<InstanceId> action) {
        for (AppView app : supervisor.apps()) {
            for (InstanceView instance : app.instances()) {
                boolean meant = (target.app().isEmpty() || target.app().get().equals(app.name()))
                        && (target.instance().isEmpty()
                                || target.instance().getAsInt() == instance.id().index());
                boolean leaving = instance.id().index() >= app.spec().instances() || laws.deleting.contains(app.name());
                if (meant && !leaving) {
                    action.accept(instance.id());
                }
            }
        }
    }

    private void after(Event event) {
        if (event instanceof Event.RunExited exited) {
            require(
                    laws.ending == null || laws.accounted.contains(exited.run()) || laws.endingCounted,
                    "an exit was not told: ",
                    exited.run());
        }
        laws.ending = null;
    }

    /** Everything that the daemon knew is gone; the next one learns from the disk and from what it finds. */
    private void daemonDies() {
        note("--- the daemon dies");
        tickets.clear();
        host.mail.clear();
        host.hooks.clear();
        host.preparing.clear();
        laws = laws.ofNextLife();
        laws.owes();
        supervisor = newSupervisor();
        pass(random.nextInt(5000));
        int life = lives;
        for (Program program : List.copyOf(host.programs.values())) {
            boolean never = program.life == Life.ORDERED && random.nextBoolean();
            boolean deadAndForgotten = program.life == Life.DEAD && (program.refused || random.nextBoolean());
            if (never || deadAndForgotten || !host.rememberedApps.containsKey(program.instance.app())) {
                host.programs.remove(program.run);
                continue;
            }
            if (program.life == Life.ORDERED) {
                program.life = Life.ALIVE;
                program.startedWall = wall;
            }
            program.asked = false;
            program.forced = false;
            program.above = Optional.empty();
            program.saidReady = false;
            program.stopping = false;
            program.adopted = true;
            boolean ready = program.toldReady;
            program.toldReady = false;
            program.admitted = false;
            program.well = false;
            program.kills = 0;
            program.reported = true;
            program.startedAt = now - Math.max(0, wall - program.startedWall);
            handle(new Event.RunAdopted(
                    program.run,
                    program.instance,
                    77,
                    program.startedWall,
                    ready,
                    program.spec,
                    host.rememberedOrigins.get(program.instance.app())));
            if (life != lives) {
                return;
            }
            if (program.life == Life.DEAD) {
                host.mail.add(new Event.RunExited(program.run, program.exit));
            }
        }
        for (Map.Entry<InstanceId, InstanceMemory> memory : List.copyOf(host.rememberedInstances.entrySet())) {
            handle(new Event.InstanceRemembered(memory.getKey(), memory.getValue()));
            if (life != lives) {
                return;
            }
        }
        for (Map.Entry<String, Integer> scale : List.copyOf(host.rememberedScales.entrySet())) {
            handle(new Event.ScaleRemembered(scale.getKey(), scale.getValue()));
            if (life != lives) {
                return;
            }
        }
        for (RolloutMemory memory : List.copyOf(host.rememberedRollouts.values())) {
            handle(new Event.RolloutRemembered(memory));
            if (life != lives) {
                return;
            }
        }
        // What the host sees at its start comes before the file.
        Set<String> crowded = random.nextInt(4) > 0 ? Set.of() : Set.of(RandomSpecs.NAMES[random.nextInt(3)]);
        for (Event early : List.of(
                new Event.NoRoomForTwo(crowded),
                new Event.ExternalsAway(Map.of("an-external", "")),
                new Event.ClockTick())) {
            handle(early);
            if (life != lives) {
                return;
            }
        }
        // As the host does: what no file describes one by one, then the file.
        for (Map.Entry<String, AppSpec> app : List.copyOf(host.rememberedApps.entrySet())) {
            Origin origin = host.rememberedOrigins.get(app.getKey());
            if (origin != Origin.FILE) {
                Spec alone = Apps.spec(Map.of(app.getKey(), app.getValue()));
                handle(new Event.ApplyWish(alone, origin, Optional.of(app.getKey())));
                if (life != lives) {
                    return;
                }
            }
        }
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        for (Map.Entry<String, AppSpec> app : host.rememberedApps.entrySet()) {
            // The file may name what somebody started by hand and what is found running.
            boolean namedToo = supervisor.app(app.getKey()).isPresent() && random.nextInt(4) == 0;
            if (namedToo || host.rememberedOrigins.get(app.getKey()) == Origin.FILE) {
                // The file does not know that somebody scaled it.
                boolean scaled = host.rememberedScales.containsKey(app.getKey());
                apps.put(app.getKey(), scaled ? app.getValue().withInstances(2) : app.getValue());
            }
        }
        handle(new Event.ApplyWish(Apps.spec(apps), Origin.FILE, Optional.empty()));
    }

    private void shutdown() {
        host.kind = true;
        handle(new Event.ShutdownWish());
        settle(10_000);
        require(laws.finished, "a shutdown did not end: ", host.programs.keySet());
        laws.views(supervisor);
        daemonDies();
        laws.shutdownWished = false;
    }

    /** The world is kind for a while: then everything wished must have come true. */
    void rest() {
        note("--- rest");
        host.kind = true;
        host.relax();
        host.mail.add(new Event.ExternalsAway(Map.of()));
        settle(12 * 60_000);
        // Schedules and old age never rest: any moment at which all is well will do.
        List<String> wrong = laws.atRest(supervisor, tickets);
        for (int seconds = 0; !wrong.isEmpty() && seconds < 600; seconds++) {
            settle(1000);
            wrong = laws.atRest(supervisor, tickets);
        }
        require(wrong.isEmpty(), "at rest: ", wrong);
        laws.views(supervisor);
        tickets.clear();
    }

    private void settle(long millis) {
        long until = now + millis;
        for (int i = 0; now < until; i++) {
            require(i < 100_000, "it does not come to rest");
            for (Program program : host.in(Life.ORDERED)) {
                host.spawn(program, now, wall);
            }
            for (Program program : host.in(Life.ALIVE)) {
                if (program.reported && !program.asked && SimulatedHost.silent(program)) {
                    host.speak(program, true);
                }
                if (program.asked && random.nextInt(4) == 0) {
                    host.end(program, Exit.ofSignal(15));
                } else if (program.spec.restart().policy() != AppSpec.Restart.Policy.ALWAYS) {
                    host.end(program, Exit.ofCode(0));
                }
            }
            for (long id : List.copyOf(host.hooks.keySet())) {
                host.endHook(id, true);
            }
            if (!host.mail.isEmpty()) {
                handle(host.takeMail());
                continue;
            }
            if (!host.in(Life.ORDERED).isEmpty()) {
                continue;
            }
            OptionalLong next = supervisor.nextDeadline();
            if (next.isEmpty() || next.getAsLong() > until) {
                pass(until - now);
                handle(new Event.ClockTick());
                break;
            }
            pass(Math.max(0, next.getAsLong() - now));
            handle(new Event.ClockTick());
            laws.afterTick(supervisor, now);
        }
    }

    private void note(Object line) {
        trace.addLast(line);
        if (trace.size() > TRACE) {
            trace.removeFirst();
        }
    }
}
