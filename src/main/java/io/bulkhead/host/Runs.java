package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.core.Exit;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Listen;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything that lives: carries out what core decides about runs, and tells it what became of them. Belongs to the loop; what may
 * wait (users, files, control groups, disks) goes to the worker and comes back as a task of the loop. How a run ends stands in
 * {@link Endings}, what keepers say in {@link KeeperWatch}.
 */
final class Runs implements KeeperWatch.Listener {

    private static final long REMAINS_MILLIS = 1_000;

    private final Loop loop;
    private final Worker worker;
    private final OrphanGuard guard;
    private final Launch launch;
    private final Compartments compartments;
    private final Sockets sockets;
    private final RunSignals signals;
    private final Endings endings;
    private final Spares spares;
    private final KeeperWatch keepers;
    private final ChildWatch children;
    private final Autopsy autopsy;
    private final RunNotes notes;
    private final SocketUse socketUse;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private final Map<String, LiveRun> runs = new HashMap<>();

    /** @param whenRemembered runs a task on the loop when all that was to be remembered so far is */
    Runs(
            Loop loop,
            Worker worker,
            OrphanGuard guard,
            Launch launch,
            Compartments compartments,
            Sockets sockets,
            KernelWitness witness,
            ChildWatch children,
            LogTails tails,
            Autopsy autopsy,
            DaemonLog log,
            Consumer<Runnable> whenRemembered,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.worker = worker;
        this.guard = guard;
        this.launch = launch;
        this.compartments = compartments;
        this.sockets = sockets;
        this.log = log;
        this.outcome = outcome;
        this.children = children;
        this.autopsy = autopsy;
        notes = new RunNotes(log);
        socketUse = new SocketUse(loop, worker, compartments, sockets, runs.values());
        signals = new RunSignals(loop, compartments);
        spares = new Spares(loop, worker, launch, compartments, log);
        endings = new Endings(loop, compartments, signals, spares, witness, tails, log, whenRemembered, this::over);
        keepers = new KeeperWatch(loop, worker, compartments, spares, log, this);
    }

    Optional<LiveRun> find(String run) {
        return Optional.ofNullable(runs.get(run));
    }

    SocketUse socketUse() {
        return socketUse;
    }

    Collection<LiveRun> all() {
        return runs.values();
    }

    /** @param restarts of the instance, this start included */
    void start(Effect.StartRun order, int restarts) {
        LiveRun run = new LiveRun(order);
        run.restarts = restarts;
        runs.put(run.id, run);
        Optional<String> pool = run.app.limits().pool();
        for (Compartment empty : compartments.emptyOf(run.instance)) {
            if (!empty.suits(pool)) {
                keepers.dissolve(empty);
            }
        }
        Optional<Compartment> free = compartments.free(run.instance, pool);
        if (free.isPresent()) {
            occupy(free.get(), run);
            Optional<Spare> spare = spares.take(free.get(), run.app);
            if (spare.isPresent()) {
                begin(run, free.get(), spare.get(), Launch.marks(order, restarts));
                return;
            }
        }
        List<Compartment> kin = compartments.of(run.instance.app());
        worker.execute(() -> prepare(run, order, restarts, free, kin));
    }

    /** On the worker. */
    private void prepare(
            LiveRun run, Effect.StartRun order, int restarts, Optional<Compartment> free, List<Compartment> kin) {
        Optional<Compartment> made = Optional.empty();
        try {
            guard.beforeStart(order.app());
            Launch.Prepared prepared = launch.prepare(order, restarts);
            Compartment compartment = home(run, free, kin, prepared);
            if (free.isEmpty() || compartment != free.get()) {
                made = Optional.of(compartment);
            }
            notes.record(compartment, run);
            loop.post(() -> spawn(run, compartment, prepared));
        } catch (LaunchRefused refused) {
            // Nobody else knows of it yet: it would be left, keeper and all, until the daemon ends.
            made.ifPresent(compartments.removal::dissolve);
            loop.post(() -> refuse(run, refused.refusal()));
        } catch (RuntimeException | AssertionError bug) {
            log.bug(bug);
            made.ifPresent(compartments.removal::dissolve);
            loop.post(() -> refuse(run, new Refusal("keeper", "an error in Bulkhead itself: " + bug, "report it")));
        }
    }

    /** On the worker. */
    private Compartment home(LiveRun run, Optional<Compartment> free, List<Compartment> kin, Launch.Prepared prepared)
            throws LaunchRefused {
        for (Listen address : run.app.listen()) {
            if (!prepared.sockets().contains(address)) {
                sockets.guard(address, compartments.processesOf(run.app.name()));
            }
        }
        List<Sockets.Held> held =
                sockets.hold(run.app, prepared.sockets(), prepared.file().identity());
        return free.isPresent() && free.get().sockets.equals(held)
                ? compartments.adjust(free.get(), run.app)
                : compartments.making.make(run.instance, run.app, prepared, held, kin);
    }

    /**
     * Takes over a run that a former daemon started.
     *
     * @param spareRemains what it left of its spares, ended or about to
     */
    void adopt(LiveRun run, Compartment compartment, int pid, List<Integer> spareRemains) throws IOException {
        runs.put(run.id, run);
        occupy(compartment, run);
        if (!compartment.keeperGone) {
            keepers.watch(compartment);
        }
        worker.execute(() -> children.watch(compartment));
        run.pid = pid;
        run.phase = LiveRun.Phase.ALIVE;
        watchProgram(run, pid);
        spares.later();
        // A shell that buries one child may bury another on the way: not before the program's own end is read.
        loop.after(REMAINS_MILLIS, () -> bury(compartment, spareRemains));
    }

    private void bury(Compartment compartment, List<Integer> remains) {
        try {
            for (int pid : remains) {
                compartment.keeper.reap(pid);
            }
        } catch (IOException deaf) {
            log.warn(compartment.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
        }
    }

    private void occupy(Compartment compartment, LiveRun run) {
        compartment.run = Optional.of(run);
        run.compartment = Optional.of(compartment);
    }

    private void spawn(LiveRun run, Compartment compartment, Launch.Prepared prepared) {
        try {
            run.compartment.filter(other -> other != compartment).ifPresent(other -> leave(run, other));
            if (run.compartment.isEmpty()) {
                occupy(compartment, run);
                compartments.add(compartment);
                keepers.watch(compartment);
                worker.execute(() -> children.watch(compartment));
                run.phase = LiveRun.Phase.SPAWNING;
                socketUse.closeUnused(run.instance.app());
            }
            if (compartment.keeperGone) {
                throw new IOException("the keeper of " + run.instance + " has ended");
            }
            Optional<Spare> spare = spares.take(compartment, prepared.file());
            if (spare.isPresent()) {
                begin(run, compartment, spare.get(), prepared.marks());
                return;
            }
            spares.discard(compartment);
            endings.bury(compartment); // a shell that buries one child may bury another on the way: the dead one first
            run.phase = LiveRun.Phase.SPAWNING;
            compartment.keeper.startProgram(prepared.file(), prepared.marks());
        } catch (IOException failed) {
            refuse(run, new Refusal("keeper", "keeper: " + failed.getMessage(), ""));
        }
    }

    /** Its keeper cannot hold what the run is to inherit. */
    private void leave(LiveRun run, Compartment compartment) {
        compartment.run = Optional.empty();
        run.compartment = Optional.empty();
        keepers.dissolve(compartment);
    }

    /**
     * The spare becomes the program, and only then is that noted: a daemon that dies in between leaves a program whose run the next one
     * reads from its environment.
     */
    private void begin(LiveRun run, Compartment compartment, Spare spare, Map<String, String> marks) {
        Pidfd program = spare.process.orElseThrow();
        run.pid = program.pid();
        run.program = spare.process;
        run.phase = LiveRun.Phase.ALIVE;
        loop.watchAnew(program.fd(), () -> endings.programEnded(run));
        try {
            compartment.keeper.become(run.pid, marks);
        } catch (IOException deaf) {
            log.warn(run.instance + ": " + deaf.getMessage());
            endings.kill(run);
        }
        worker.execute(() -> notes.recordBegun(compartment, run));
        spares.later();
        tellStarted(run);
    }

    private void tellStarted(LiveRun run) {
        outcome.accept(new Event.RunStarted(run.id, run.pid));
        if (socketUse.opensItself(run)) {
            outcome.accept(new Event.OpensItself(run.id));
        }
    }

    @Override
    public void started(LiveRun run, int pid) {
        run.pid = pid;
        run.phase = LiveRun.Phase.ALIVE;
        try {
            watchProgram(run, pid);
        } catch (ErrnoException gone) {
            log.warn(run.instance + ": its process " + pid + " cannot be watched: " + gone.getMessage());
            tellStarted(run);
            endings.programEnded(run);
            return;
        }
        worker.execute(() -> notes.recordPid(run, pid));
        spares.later();
        tellStarted(run);
    }

    private void watchProgram(LiveRun run, int pid) throws ErrnoException {
        Pidfd program = Pidfd.open(pid);
        run.program = Optional.of(program);
        loop.watch(program.fd(), () -> endings.programEnded(run));
    }

    private void refuse(LiveRun run, Refusal refusal) {
        forget(run);
        socketUse.closeUnused(run.instance.app());
        outcome.accept(new Event.RunRefused(run.id, refusal));
    }

    @Override
    public void reaped(LiveRun run, int pid, int shellStatus) {
        endings.reaped(run, pid, shellStatus);
    }

    @Override
    public void orphaned(LiveRun run, Compartment compartment) {
        if (run.phase == LiveRun.Phase.SPAWNING) {
            compartments.endStep(compartment);
            refuse(run, new Refusal("keeper", "the keeper was killed while it started the program", ""));
            keepers.dissolve(compartment);
        } else if (run.phase == LiveRun.Phase.ENDING && run.status.isEmpty()) {
            endings.endRest(run);
        }
    }

    /** Asks the run to end: see {@link RunSignals#ask}. */
    void ask(Effect.AskToStop order) {
        LiveRun run = runs.get(order.run());
        if (run != null && run.phase != LiveRun.Phase.PREPARING) {
            run.compartment.ifPresent(spares::discard);
            lookForGroup(run);
            signals.ask(run, order);
        }
    }

    /** Its processes are found all the same where somebody has removed their control group. */
    void lookForGroup(LiveRun run) {
        run.compartment.ifPresent(compartments::lookForGroup);
    }

    /** Sends {@code signal} to the program, for a person; false when it reached nobody. */
    boolean signalProgram(LiveRun run, int signal) {
        return signals.signalProgram(run, signal);
    }

    void kill(String id) {
        LiveRun run = runs.get(id);
        if (run != null && run.phase != LiveRun.Phase.PREPARING) {
            endings.kill(run);
        }
    }

    /** A person has no patience left: everything that lives ends now. */
    void killAll() {
        List.copyOf(runs.keySet()).forEach(this::kill);
    }

    /** Process ids of the keepers, which are reaped by their compartments. */
    Set<Integer> keepers() {
        Set<Integer> keepers = new HashSet<>();
        for (Compartment compartment : compartments.all()) {
            keepers.add(compartment.keeper.pid());
        }
        return keepers;
    }

    /** The guard for hosts without a kernel limit found the tree above its limit. */
    void killForSampledLimit(LiveRun run) {
        run.overSampledLimit = true;
        endings.kill(run);
    }

    /** The app is another one from now on, perhaps with another number of instances. */
    void changed(AppSpec app) {
        for (Compartment compartment : compartments.of(app.name())) {
            compartments.redirectLogs(compartment, app);
        }
    }

    void update(Effect.UpdateRun order) {
        LiveRun run = runs.get(order.run());
        if (run != null) {
            run.app = order.app();
            run.spareTried = false;
            run.compartment.ifPresent(spares::discard);
            spares.later();
            run.compartment.ifPresent(compartment -> worker.execute(() -> {
                try {
                    compartments.adjust(compartment, order.app());
                } catch (LaunchRefused refused) {
                    log.warn(run.instance + ": " + refused.refusal().message());
                }
            }));
        }
    }

    void release(InstanceId instance) {
        for (Compartment compartment : compartments.emptyOf(instance)) {
            keepers.dissolve(compartment);
        }
        socketUse.closeUnused(instance.app());
    }

    private void over(LiveRun run, Exit exit) {
        forget(run);
        autopsy.ended(run);
        sockets.mend(run.instance.app(), run.home().sockets);
        if (run.home().keeperGone || socketUse.isOutdated(run)) {
            keepers.dissolve(run.home());
            socketUse.closeUnused(run.instance.app());
        }
        outcome.accept(new Event.RunExited(run.id, exit));
    }

    private void forget(LiveRun run) {
        runs.remove(run.id);
        run.phase = LiveRun.Phase.GONE;
        run.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            program.close();
        });
        run.compartment.ifPresent(compartment -> compartment.run = Optional.empty());
    }
}
