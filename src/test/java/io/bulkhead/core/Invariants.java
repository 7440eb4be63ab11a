package io.bulkhead.core;

import io.bulkhead.core.SimulatedHost.Life;
import io.bulkhead.core.SimulatedHost.Program;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Hooks.Hook;
import io.bulkhead.spec.AppSpec.Replace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;

/** What must hold after every step, judged from the outside: from wishes sent, effects seen and what the host knows. */
final class Invariants {

    private final SimulatedHost host;
    private final Set<String> everStarted = new HashSet<>();
    /** Runs whose exit has been told. */
    final Set<String> accounted = new HashSet<>();
    /** Stopped by a person, by our own account. */
    final TreeSet<InstanceId> held = new TreeSet<>();

    final Set<String> deleting = new HashSet<>();
    /** The run whose end is being told to the supervisor. */
    Program ending;

    /** Runs that cannot have another beside them. */
    final Set<String> alone = new HashSet<>();
    /** Runs that go because another takes over. */
    private final Set<String> replaced = new HashSet<>();

    boolean hostShort;
    private long easySince;
    private final Set<String> shed = new HashSet<>();
    /** Runs for which a drain was begun at the mark, and when. */
    final Map<InstanceId, Map<String, Long>> drains = new HashMap<>();

    boolean shutdownWished;
    private final Set<String> inOrder = new HashSet<>();
    boolean finished;
    private final Map<InstanceId, Row> rows = new HashMap<>();
    private final Map<String, Long> firedSlots = new HashMap<>();
    private long highestWall;
    /** Failures since the last ResolveIncidents, by our own count. */
    private final Map<InstanceId, Map<ExitCause, Integer>> incidents = new HashMap<>();

    private final Map<InstanceId, Long> lastIncidents = new HashMap<>();
    private final Set<InstanceId> resolvedOnce = new HashSet<>();

    /** A wish, and how many starts had been ordered before it. */
    record Wished(Ticket ticket, int ordersBefore) {}

    /** Our own count of crashes in a row. */
    private static final class Row {
        int crashes;
        boolean firstWasLong;
        long lastAt;
        AppSpec.Backoff backoff = new AppSpec.Backoff(
                java.time.Duration.ZERO, java.time.Duration.ZERO, java.time.Duration.ofSeconds(1), 0);
    }

    Invariants(SimulatedHost host) {
        this.host = host;
    }

    /** What the next daemon can know, and what stays true whoever rules. */
    Invariants ofNextLife() {
        Invariants next = new Invariants(host);
        next.everStarted.addAll(everStarted);
        next.held.addAll(host.rememberedHolds);
        host.rememberedInstances.forEach((id, memory) -> {
            if (!memory.incidents().isEmpty()) {
                next.incidents.put(id, new HashMap<>(memory.incidents()));
            }
        });
        return next;
    }

    void shutdown() {
        shutdownWished = true;
        // What is already on its way down, or was before it came up, keeps its place.
        for (Program program : host.programs.values()) {
            if (program.reported && !program.asked && !program.stopping && serves(program)) {
                inOrder.add(program.run);
            }
        }
    }

    void hostIsEasy(long now) {
        if (hostShort) {
            easySince = now;
        }
        hostShort = false;
    }

    /** A person wants it to run: with it comes what it needs. */
    void insisted(Target target) {
        shed.removeIf(app -> target.app().isEmpty()
                || app.equals(target.app().get())
                || needs(target.app().get(), app, new HashSet<>()));
    }

    static void require(boolean holds, Object... law) {
        if (!holds) {
            StringBuilder text = new StringBuilder();
            for (Object word : law) {
                text.append(word);
            }
            throw new AssertionError(text.toString());
        }
    }

    /** Before the effect is carried out. */
    void check(Effect effect, long now, long wall) {
        switch (effect) {
            case Effect.StartRun start -> start(start, now);
            case Effect.AskToStop ask -> {
                Program program = known(ask.run());
                require(!program.asked, "asked twice to stop: ", ask.run());
                for (SimulatedHost.Awaited hook : host.hooks.values()) {
                    require(!hook.run().equals(ask.run()), "asked to stop while its hook runs: ", hook);
                }
                admittedFirst(program);
                stable(program, now);
            }
            case Effect.KillRun kill -> {
                Program program = known(kill.run());
                require(
                        program.asked
                                || (program.lostChild && program.spec.limits().oomKillsAll()),
                        "killed without being asked: ",
                        kill.run());
                require(
                        !program.asked || now >= program.askedAt + program.askedGrace,
                        "killed within its grace period: ",
                        kill.run());
                require(program.kills == 0 || now - program.killedAt >= 1000, "killed again at once: ", kill.run());
            }
            case Effect.PrepareDrain drain -> {
                Program program = known(drain.run());
                require(!program.asked, "drained twice: ", drain.run());
            }
            case Effect.UpdateRun update -> {
                Program program = known(update.run());
                require(!program.asked, "updated while it drains: ", update.run());
                require(!update.keys().isEmpty(), "updated for nothing");
            }
            case Effect.RunHook hook -> hook(hook);
            case Effect.EndHook end -> {}
            case Effect.Admit admit -> {
                Program program = known(admit.run());
                require(program.gated || program.adopted, "admitted though it was not gated: ", admit.run());
                require(!program.admitted, "admitted twice: ", admit.run());
            }
            case Effect.RecordUnhealthy record ->
                require(!known(record.run()).asked, "recorded though it drains: ", record.run());
            case Effect.RememberInstance instance -> {}
            case Effect.RememberRollout rollout -> {}
            case Effect.ForgetRollout rollout -> {}
            case Effect.RememberScale scale -> {}
            case Effect.ForgetScale scale -> {}
            case Effect.Release release ->
                require(host.of(release.instance()).isEmpty(), "released while it runs: ", release.instance());
            case Effect.Finished f -> {
                require(shutdownWished && !finished, "finished without a wish, or twice");
                require(host.programs.isEmpty(), "finished while something runs: ", host.programs.keySet());
                finished = true;
            }
            case Effect.Tell tell -> tell(tell, now, wall);
            case Effect.RememberHold hold -> hold(hold);
            case Effect.RememberApp app -> {
                for (Program program : host.programs.values()) {
                    if (program.instance.app().equals(app.app().name())
                            && app.app().replace() == Replace.STOP_FIRST) {
                        alone.add(program.run);
                    }
                }
            }
            case Effect.ForgetApp forget -> {
                deleting.remove(forget.app());
                firedSlots.keySet().removeIf(key -> key.startsWith(forget.app()));
                held.removeIf(id -> id.app().equals(forget.app()));
                incidents.keySet().removeIf(id -> id.app().equals(forget.app()));
                for (Program program : host.programs.values()) {
                    require(!program.instance.app().equals(forget.app()), "forgotten while it runs: ", forget.app());
                }
            }
            case Effect.OpenIncident incident -> incident(incident, now);
            case Effect.ResolveIncidents over -> resolved(over.instance(), now);
        }
    }

    private void incident(Effect.OpenIncident incident, long now) {
        boolean failure = incident.report().failure();
        String consequence = incident.consequence();
        require(
                failure || ending.forced || consequence.startsWith("failed ") || consequence.startsWith("stays down"),
                "incident without a failure: ",
                incident);
        Program program = ending;
        require(program != null && program.run.equals(incident.run()), "incident of another run: ", incident.run());
        Map<ExitCause, Integer> open = incidents.computeIfAbsent(incident.instance(), id -> new HashMap<>());
        int times = open.merge(incident.report().cause(), 1, Integer::sum);
        require(times == incident.times(), "incident no ", times, " says that it is no ", incident.times());
        lastIncidents.put(incident.instance(), now);
    }

    private void resolved(InstanceId instance, long now) {
        boolean first = resolvedOnce.add(instance);
        Long last = lastIncidents.get(instance);
        require(incidents.remove(instance) != null || first, "resolved with nothing open: ", instance);
        List<Program> alive = host.of(instance);
        boolean completes = ending != null && ending.spec.restart().policy() != AppSpec.Restart.Policy.ALWAYS;
        if (last == null || alive.isEmpty() || completes) {
            return;
        }
        long shortest = Long.MAX_VALUE;
        for (Program program : alive) {
            shortest = Math.min(
                    shortest, program.spec.restart().backoff().resetAfter().toMillis());
        }
        require(
                now - last >= Math.min(shortest, 5000),
                "resolved ",
                now - last,
                " ms after it failed, while it runs: ",
                instance);
    }

    private Program known(String run) {
        Program program = host.programs.get(run);
        require(program != null && program.reported, "effect about a run that the host does not have: ", run);
        return program;
    }

    private void start(Effect.StartRun start, long now) {
        for (SimulatedHost.Awaited hook : host.hooks.values()) {
            require(!hook.run().equals(start.run()), "started while its hook runs: ", hook);
            boolean prepared = start.app().hooks().commands().containsKey(Hook.PRE_START);
            require(
                    prepared || start.cause() == Cause.CRASH || !rollsOut(hook, start.instance()),
                    "started while before_rollout runs: ",
                    start);
        }
        require(everStarted.add(start.run()), "run id used twice: ", start.run());
        require(!shutdownWished, "started during shutdown: ", start.instance());
        require(!held.contains(start.instance()), "started though a person stopped it: ", start.instance());
        require(!deleting.contains(start.instance().app()), "started while it is being deleted: ", start.instance());
        require(!shed.contains(start.instance().app()), "started though it is shed: ", start.instance());
        int serving = 0;
        List<Program> others = host.of(start.instance());
        for (Program other : others) {
            require(
                    start.app().replace() == Replace.START_FIRST,
                    "second run of a stop-first instance: ",
                    start.instance(),
                    " beside ",
                    other.run);
            serving += other.asked ? 0 : 1;
        }
        require(others.size() <= 3, "a fourth run of ", start.instance());
        // A run that was told to go before it existed is asked as soon as it does: it does not serve, but is not asked
        // yet.
        if (serving > 1) {
            for (Program other : others) {
                serving -= !other.asked && !other.reported ? 1 : 0;
            }
        }
        require(serving <= 1, "third run that is not draining: ", start.instance());
        pacing(start, now);
    }

    /** Who serves is asked to go for another run only when that one may serve. */
    private void admittedFirst(Program program) {
        for (Program other : host.of(program.instance)) {
            boolean takesOver = other.order > program.order && !goes(other) && other.reported;
            require(
                    !replaced.contains(program.run)
                            || !program.toldReady
                            || !takesOver
                            || !other.gated
                            || other.admitted
                            || other.adopted,
                    program.run,
                    " is asked to go before ",
                    other.run,
                    " was admitted");
        }
    }

    /** Told to go, though its {@code pre_stop} may still run. */
    private static boolean goes(Program program) {
        return program.asked || program.stopping;
    }

    /** Who serves and may have another beside it goes only when that one is ready. */
    private void gapless(Program program) {
        AppSpec app = host.rememberedApps.get(program.instance.app());
        boolean beside = app.replace() == Replace.START_FIRST && program.spec.replace() == Replace.START_FIRST;
        if (!beside || !program.toldReady || alone.contains(program.run)) {
            return;
        }
        for (Program other : host.of(program.instance)) {
            if (other != program && !goes(other) && other.toldReady) {
                return;
            }
        }
        throw new AssertionError(program.run + " is replaced and nothing is ready to serve for it");
    }

    /** A former daemon had counted this end and could not bury it. */
    boolean countedBefore(Program program) {
        InstanceMemory memory = host.rememberedInstances.getOrDefault(program.instance, InstanceMemory.NONE);
        return memory.lastExit().filter(last -> last.run().equals(program.run)).isPresent();
    }

    private static boolean rollsOut(SimulatedHost.Awaited hook, InstanceId instance) {
        return hook.hook() == Hook.BEFORE_ROLLOUT && hook.app().equals(instance.app());
    }

    private void hook(Effect.RunHook order) {
        require(order.app().hooks().commands().containsKey(order.hook()), "a hook nobody wrote: ", order.hook());
        for (SimulatedHost.Awaited other : host.hooks.values()) {
            require(
                    order.hook() != Hook.PRE_START
                            || "crash".equals(order.facts().get("BULKHEAD_CAUSE"))
                            || !rollsOut(other, order.instance()),
                    "prepared while before_rollout runs: ",
                    order);
        }
    }

    private void pacing(Effect.StartRun start, long now) {
        Row row = rows.get(start.instance());
        if (row == null || row.crashes == 0 || start.cause() != Cause.CRASH) {
            return;
        }
        long waited = now - row.lastAt;
        long least = least(row);
        require(waited >= least, "tried again after ", waited, " ms instead of ", least, ": ", start.instance());
    }

    private void stable(Program program, long now) {
        AppSpec app = host.rememberedApps.get(program.instance.app());
        Row row = rows.get(program.instance);
        if (app != null
                && row != null
                && row.lastAt < program.startedAt
                && now - program.startedAt
                        >= app.restart().backoff().resetAfter().toMillis()) {
            rows.remove(program.instance);
        }
    }

    private static long least(Row row) {
        if (row.crashes >= 10) {
            return 5 * 60_000;
        }
        if (row.crashes == 1 && row.firstWasLong) {
            return 0;
        }
        int doublings = row.crashes - 1 - (row.firstWasLong ? 1 : 0);
        long base = Math.min(row.backoff.max().toMillis(), row.backoff.first().toMillis() << Math.min(20, doublings));
        return base - base / 10 - 1;
    }

    /** By what it says follows, the supervisor counts this end as a crash. */
    private void ended(Effect.Tell tell, long now) {
        Program program = ending;
        Object step = tell.fields().get("step");
        boolean byHook = "pre_start".equals(step) || "before_rollout".equals(step);
        require(
                byHook || (program != null && program.run.equals(tell.run())),
                "told of an end of no run: ",
                tell.run());
        String consequence = (String) tell.fields().getOrDefault("consequence", "");
        boolean again = consequence.startsWith("restarted at once")
                || consequence.startsWith("tried again in")
                || consequence.startsWith("failed ")
                || consequence.startsWith("its replacement takes over");
        if (!again) {
            return;
        }
        Row row = rows.computeIfAbsent(new InstanceId(tell.app(), tell.instance()), id -> new Row());
        AppSpec.Backoff backoff = host.rememberedApps.get(tell.app()).restart().backoff();
        long lived = !byHook && program.reported ? now - program.startedAt : 0;
        if (lived >= backoff.resetAfter().toMillis()) {
            row.crashes = 0;
        }
        row.crashes++;
        if (row.crashes == 1) {
            row.firstWasLong = lived >= 1000;
        }
        row.lastAt = now;
        row.backoff = backoff;
    }

    /** A wish, a change or a new daemon starts counting afresh. */
    void calm(String app) {
        rows.keySet().removeIf(id -> app.isEmpty() || id.app().equals(app));
    }

    private void tell(Effect.Tell tell, long now, long wall) {
        InstanceId id = new InstanceId(tell.app(), tell.instance());
        switch (tell.type()) {
            case Tale.EXITED -> {
                require(accounted.add(tell.run()), "told twice of one exit: ", tell.run());
                ended(tell, now);
                if (ending.forced) {
                    notACrash(tell);
                }
                stable(ending, now);
                if (tell.fields().get("consequence").toString().startsWith("started once more")) {
                    rows.remove(id);
                }
            }
            case Tale.DRAINING -> {
                String reason = tell.fields().get("reason").toString();
                Program program = known(tell.run());
                if (inOrder.contains(program.run)) {
                    stopOrder(program);
                }
                if (reason.equals(Run.Ending.REPLACE.words)) {
                    gapless(program);
                    replaced.add(program.run);
                }
                program.forced = reason.equals(Run.Ending.DRAIN.words)
                        || reason.equals(Run.Ending.SHED.words)
                        || reason.equals(Run.Ending.UNHEALTHY.words)
                        || reason.equals(Run.Ending.FAILED.words);
            }
            case Tale.STOP_FIRST -> alone.add(tell.run());
            case Tale.KEPT -> {
                Program kept = known(tell.run());
                require(!kept.asked, "kept though it was asked to stop: ", tell.run());
                require(!tell.fields().get("failed").equals(tell.run()), "the run that failed is kept: ", tell.run());
            }
            case Tale.MEMORY_MARK -> drain(id, tell, now);
            case Tale.SHED -> {
                require(hostShort, "shed though the host is well: ", tell.app());
                require(shed.add(tell.app()), "shed twice: ", tell.app());
                require(anotherServes(), "the last app was shed: ", tell.app());
            }
            case Tale.UNSHED -> {
                require(!hostShort && now - easySince >= 30_000, "came back too early: ", tell.app());
                shed.remove(tell.app());
            }
            case Tale.APP_REMOVED -> shed.remove(tell.app());
            case Tale.REFUSED -> ended(tell, now);
            case Tale.COMPLETED -> rows.remove(id);
            // The specification before may have more instances: those are new ones.
            case Tale.ROLLED_BACK -> {
                resolvedOnce.removeIf(each -> each.app().equals(tell.app()));
                calm(tell.app());
            }
            case Tale.SCHEDULED -> {
                calm(tell.app());
                slot(tell.app(), wall);
            }
            default -> {}
        }
    }

    /**
     * Who was asked to go for memory is replaced without a pause, however it went; a failure it is only where the kernel was faster, or had killed
     * a child of it before it was asked.
     */
    private void notACrash(Effect.Tell tell) {
        String consequence = tell.fields().get("consequence").toString();
        boolean brokenBefore = ending != null && ending.lostChild;
        boolean kernel = tell.fields().get("cause").toString().startsWith("oom-");
        require(
                brokenBefore || kernel || Boolean.FALSE.equals(tell.fields().get("failure")),
                "stopped for memory, and a failure: ",
                tell);
        require(
                !consequence.startsWith("restarted") && !consequence.startsWith("tried"),
                "stopped for memory, and a crash: ",
                tell);
    }

    private void drain(InstanceId id, Effect.Tell tell, long now) {
        Program program = known(tell.run());
        require(!program.asked, "drained while it ends: ", tell.run());
        boolean begins = tell.fields().containsKey("alert")
                && !tell.fields().get("consequence").toString().startsWith("left");
        if (!begins || !tell.fields().get("level").equals(MemoryLevel.DRAIN_MARK.word())) {
            return;
        }
        Map<String, Long> begun = drains.computeIfAbsent(id, each -> new HashMap<>());
        begun.putIfAbsent(tell.run(), now);
        begun.values().removeIf(at -> now - at >= DrainPolicy.WINDOW_MILLIS);
        require(begun.size() <= 2, "drained a third time at its mark within 10m: ", id);
    }

    private boolean anotherServes() {
        for (SimulatedHost.Awaited hook : host.preparing.values()) {
            if (!shed.contains(hook.app())) {
                return true;
            }
        }
        for (Program program : host.programs.values()) {
            if (!program.asked && !shed.contains(program.instance.app())) {
                return true;
            }
        }
        return false;
    }

    private void slot(String name, long wall) {
        AppSpec app = host.rememberedApps.get(name);
        require(app != null && app.schedule().isPresent(), "a schedule was due that nobody has: ", name);
        long slot = CronTimes.read(app.schedule().get().cron(), wall);
        Long before = firedSlots.put(name + app.schedule().get(), slot);
        require(before == null || slot > before, "a schedule was due twice: ", name);
    }

    /** A clock set back by more than three hours is believed: what was due may be due again. */
    void clock(long wall) {
        highestWall = Math.max(highestWall, wall);
        if (highestWall - wall > 3 * 3_600_000) {
            highestWall = wall;
            firedSlots.clear();
        }
    }

    private void hold(Effect.RememberHold hold) {
        if (!hold.held()) {
            held.remove(hold.instance());
            return;
        }
        if (held.add(hold.instance())) {
            for (InstanceId id : held) {
                if (id.app().equals(hold.instance().app()) && !id.equals(hold.instance())) {
                    return;
                }
            }
            throw new AssertionError("held without a wish: " + hold.instance());
        }
    }

    /** A replacement that is not ready yet serves nobody: it may be stopped at any time. */
    private boolean serves(Program program) {
        for (Program other : host.of(program.instance)) {
            if (other != program && !other.asked) {
                return false;
            }
        }
        return true;
    }

    private void stopOrder(Program program) {
        for (String app : host.rememberedApps.keySet()) {
            if (needs(app, app, new HashSet<>())) {
                // In a circle any order is as good.
                return;
            }
        }
        for (Program other : host.programs.values()) {
            require(
                    !needs(other.instance.app(), program.instance.app(), new HashSet<>()),
                    program.instance,
                    " is asked to stop before ",
                    other.instance,
                    ", which needs it");
        }
    }

    boolean needs(String app, String needed, Set<String> seen) {
        AppSpec spec = host.rememberedApps.get(app);
        if (spec == null || !seen.add(app)) {
            return false;
        }
        for (String name : spec.dependsOn()) {
            if (name.equals(needed) || needs(name, needed, seen)) {
                return true;
            }
        }
        return false;
    }

    /** After a step in which time was told. */
    void afterTick(Supervisor supervisor, long now) {
        for (Program program : host.programs.values()) {
            if (program.asked && program.life != Life.ORDERED) {
                long due = program.kills == 0 ? program.askedAt + program.askedGrace : program.killedAt + 30_000;
                require(now < due, "not killed when it was due: ", program.run);
            }
        }
        OptionalLong next = supervisor.nextDeadline();
        require(
                next.isEmpty() || next.getAsLong() > now,
                "the next deadline is over already, by ",
                (now - next.orElse(now)),
                " ms");
    }

    /** What the supervisor shows is what there is. */
    void views(Supervisor supervisor) {
        Set<String> shown = new HashSet<>();
        Set<InstanceId> there = new HashSet<>();
        for (AppView app : supervisor.apps()) {
            scaled(app);
            for (InstanceView instance : app.instances()) {
                instance.run().ifPresent(shown::add);
                shown.addAll(instance.otherRuns());
                there.add(instance.id());
                remembered(instance);
                require(
                        instance.held() == held.contains(instance.id()),
                        "hold of ",
                        instance.id(),
                        " shown as ",
                        instance.held());
            }
        }
        resolvedOnce.retainAll(there);
        Set<String> runs = new HashSet<>(host.programs.keySet());
        runs.addAll(host.preparing.keySet());
        require(shown.equals(runs), "shown ", shown, ", there are ", runs);
    }

    /** What a person wished holds until an apply, whatever the file says. */
    private void scaled(AppView app) {
        Integer count = host.rememberedScales.get(app.name());
        require(
                count == null || app.spec().instances() == count || deleting.contains(app.name()),
                app.name(),
                " was scaled to ",
                count,
                " and has ",
                app.spec().instances());
    }

    /** The next daemon would know what this one shows. */
    private void remembered(InstanceView instance) {
        InstanceMemory memory = host.rememberedInstances.getOrDefault(instance.id(), InstanceMemory.NONE);
        require(
                memory.restarts() == instance.restarts() && memory.lastExit().equals(instance.lastExit()),
                instance.id(),
                " shows ",
                instance.restarts(),
                " restarts and ",
                instance.lastExit(),
                ", remembered is ",
                memory);
        require(
                memory.completed() || instance.state() != InstanceState.COMPLETED,
                "not remembered as completed: ",
                instance.id());
    }

    /** After everything has come to rest in a kind world. */
    List<String> atRest(Supervisor supervisor, List<Wished> tickets) {
        List<String> wrong = new ArrayList<>();
        for (AppView app : supervisor.apps()) {
            for (InstanceView instance : app.instances()) {
                newest(app.spec(), instance, wrong);
                if (instance.held() && incidents.containsKey(instance.id())) {
                    wrong.add("stopped by a person, and its incidents stay open: " + instance.id());
                }
                String problem = atRest(supervisor, app, instance);
                if (!problem.isEmpty()) {
                    wrong.add(instance.id() + " is " + instance.state().word() + " (" + instance.reason() + "): "
                            + problem);
                }
            }
        }
        for (Wished wished : tickets) {
            Ticket ticket = wished.ticket;
            Outcome outcome = supervisor.outcome(ticket);
            if (ticket.wish() instanceof Event.RestartWish && outcome.state() == Outcome.State.DONE) {
                restarted(ticket, wished.ordersBefore, wrong);
            }
            if (outcome.state() == Outcome.State.PENDING) {
                wrong.add("never answered: " + ticket.wish().getClass().getSimpleName() + " " + ticket.goals() + ": "
                        + outcome.message());
            }
        }
        return wrong;
    }

    /** Who was told that a restart is done has a program that was ordered since. */
    private void restarted(Ticket ticket, int ordersBefore, List<String> wrong) {
        for (Ticket.Goal goal : ticket.goals()) {
            for (Program program : host.of(goal.instance())) {
                if (!program.asked && program.order <= ordersBefore) {
                    wrong.add("not restarted, though it says so: " + program.run);
                }
            }
        }
    }

    private void newest(AppSpec spec, InstanceView instance, List<String> wrong) {
        for (Program program : host.of(instance.id())) {
            boolean kept = instance.reason().startsWith("kept");
            if (!program.asked && !kept && Difference.needsNewRun(program.spec, spec)) {
                wrong.add("runs an old specification: " + program.run);
            }
        }
    }

    private static String atRest(Supervisor supervisor, AppView app, InstanceView instance) {
        AppSpec spec = app.spec();
        boolean always = spec.restart().policy() == AppSpec.Restart.Policy.ALWAYS;
        return switch (instance.state()) {
            case READY -> instance.held() ? "a person stopped it" : "";
            case STOPPED ->
                instance.held() || !spec.autostart() || spec.schedule().isPresent() ? "" : "nobody stopped it";
            case COMPLETED -> always ? "it is no one-shot" : "";
            case CRASHED -> always && spec.restart().backoff().maxAttempts() == 0 ? "the world is kind" : "";
            case BLOCKED -> blocked(supervisor, spec, instance);
            case STARTING, DRAINING, BACKOFF -> "that is no state to rest in";
        };
    }

    private static String blocked(Supervisor supervisor, AppSpec spec, InstanceView instance) {
        for (String name : spec.dependsOn()) {
            for (AppView needed : supervisor.apps()) {
                boolean ready = needed.state() == AppState.UP || needed.state() == AppState.DEGRADED;
                if (needed.name().equals(name) && !ready) {
                    return "";
                }
            }
        }
        return spec.restart().backoff().maxAttempts() > 0 && instance.reason().contains("not tried again")
                ? ""
                : "nothing blocks it";
    }
}
