package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.core.Exit;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.ExitStatus;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.Signals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Everything that lives: carries out what core decides about runs, and tells it what became of them. Belongs to the loop; what may
 * wait (users, files, control groups, disks) goes to the worker and comes back as a task of the loop.
 */
final class Runs {

    /** Pause between two looks at a tree that is being ended: the kernel needs a moment for each process. */
    private static final long ENDING_POLL_MILLIS = 2;

    private static final long LINGERING_POLL_MILLIS = 25;

    /** The kernel charges pages in batches: a tree at its limit may stand some pages below it. */
    private static final long PEAK_SLACK = 256 << 10;

    /** Exit code of a program that called abort(3) below a shell. */
    private static final int SHELL_ABORT = 128 + Signals.ABRT;

    private final Loop loop;
    private final Worker worker;
    private final Launch launch;
    private final Compartments compartments;
    private final LogTails tails;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private final Map<String, LiveRun> runs = new HashMap<>();

    Runs(
            Loop loop,
            Worker worker,
            Launch launch,
            Compartments compartments,
            LogTails tails,
            DaemonLog log,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.worker = worker;
        this.launch = launch;
        this.compartments = compartments;
        this.tails = tails;
        this.log = log;
        this.outcome = outcome;
    }

    Optional<LiveRun> find(String run) {
        return Optional.ofNullable(runs.get(run));
    }

    Collection<LiveRun> all() {
        return runs.values();
    }

    void start(Effect.StartRun order) {
        LiveRun run = new LiveRun(order);
        runs.put(run.id, run);
        Optional<Compartment> free = compartments.free(run.instance);
        free.ifPresent(compartment -> occupy(compartment, run));
        worker.execute(() -> {
            try {
                Launch.Prepared prepared = launch.prepare(order);
                Compartment compartment = free.isPresent()
                        ? compartments.adjust(free.get(), run.app)
                        : compartments.make(run.instance, run.app, prepared);
                compartments.record(compartment, run);
                loop.post(() -> spawn(run, compartment, prepared));
            } catch (LaunchRefused refused) {
                loop.post(() -> refuse(run, refused.refusal()));
            } catch (RuntimeException | AssertionError bug) {
                log.bug(bug);
                loop.post(() -> refuse(run, new Refusal("keeper", "an error in Bulkhead itself: " + bug, "report it")));
            }
        });
    }

    /** Takes over a run that a former daemon started. */
    void adopt(LiveRun run, Compartment compartment, int pid) throws IOException {
        runs.put(run.id, run);
        occupy(compartment, run);
        watchKeeper(compartment);
        Cgroup.Marks marks = compartment.cgroup.marks();
        compartment.killsBefore = marks.oomKills();
        compartment.limitHitsBefore = marks.limitHits();
        run.pid = pid;
        run.phase = LiveRun.Phase.ALIVE;
        watchProgram(run, pid);
    }

    private void occupy(Compartment compartment, LiveRun run) {
        compartment.run = Optional.of(run);
        run.compartment = Optional.of(compartment);
    }

    private void spawn(LiveRun run, Compartment compartment, Launch.Prepared prepared) {
        try {
            if (run.compartment.isEmpty()) {
                occupy(compartment, run);
                compartments.add(compartment);
                watchKeeper(compartment);
            }
            if (compartment.keeperGone) {
                throw new IOException("the keeper of " + run.instance + " has ended");
            }
            run.phase = LiveRun.Phase.SPAWNING;
            compartment.keeper.startProgram(prepared.file(), prepared.marks());
        } catch (IOException failed) {
            refuse(run, new Refusal("keeper", "keeper: " + failed.getMessage(), ""));
        }
    }

    private void watchKeeper(Compartment compartment) throws IOException {
        loop.watch(compartment.keeper.answersFd(), () -> heardKeeper(compartment));
        loop.watch(compartment.keeper.process().fd(), () -> lostKeeper(compartment));
    }

    private void heardKeeper(Compartment compartment) {
        try {
            for (Keeper.Answer answer : compartment.keeper.answers()) {
                heard(compartment, answer);
            }
        } catch (IOException broken) {
            log.warn(compartment.instance + ": cannot hear its keeper: " + broken.getMessage());
            loop.unwatch(compartment.keeper.answersFd());
        }
    }

    private void heard(Compartment compartment, Keeper.Answer answer) {
        Optional<LiveRun> run = compartment.run;
        switch (answer) {
            case Keeper.Answer.Ready ready -> {}
            case Keeper.Answer.Started(int pid) -> run.ifPresent(started -> started(started, pid));
            case Keeper.Answer.Reaped(int pid, int status) -> run.ifPresent(ended -> reaped(ended, pid, status));
            case Keeper.Answer.Failed(String step, String message) ->
                run.ifPresent(failed -> failed.failedStep = Optional.of(new Refusal(step, message, "")));
            case Keeper.Answer.Warned(String step, String message) ->
                log.warn(compartment.instance + ": " + step + ": " + message);
            case Keeper.Answer.Strange(String line) -> log.warn(compartment.instance + ": its keeper said: " + line);
        }
    }

    private void started(LiveRun run, int pid) {
        run.pid = pid;
        run.phase = LiveRun.Phase.ALIVE;
        try {
            watchProgram(run, pid);
        } catch (ErrnoException gone) {
            log.warn(run.instance + ": its process " + pid + " cannot be watched: " + gone.getMessage());
            outcome.accept(new Event.RunStarted(run.id, pid));
            programEnded(run);
            return;
        }
        worker.execute(() -> compartments.recordPid(run, pid));
        if (run.failedStep.isEmpty()) {
            outcome.accept(new Event.RunStarted(run.id, pid));
        }
    }

    private void watchProgram(LiveRun run, int pid) throws ErrnoException {
        Pidfd program = Pidfd.open(pid);
        run.program = Optional.of(program);
        loop.watch(program.fd(), () -> programEnded(run));
    }

    private void refuse(LiveRun run, Refusal refusal) {
        forget(run);
        outcome.accept(new Event.RunRefused(run.id, refusal));
    }

    /** Asks the run to end: the signal goes to the program below npm, npx and sh wrappers, or to the whole tree. */
    void ask(Effect.AskToStop order) {
        LiveRun run = runs.get(order.run());
        if (run == null || run.phase == LiveRun.Phase.PREPARING) {
            return;
        }
        run.asked = true;
        run.app = order.app();
        int signal = order.app().stop().signal();
        List<Integer> targets = order.app().stop().toTree() ? members(run) : StopTargets.of(run.pid, signal, Proc.HOST);
        for (int target : targets) {
            signal(run, target, signal);
        }
        if (!targets.contains(run.pid)) {
            askWrapperAfter(run, targets, signal);
        }
    }

    /** A shell goes on with its next command when a program below it has ended: then it is asked too. */
    private void askWrapperAfter(LiveRun run, List<Integer> targets, int signal) {
        loop.after(LINGERING_POLL_MILLIS, () -> {
            if (run.phase != LiveRun.Phase.ALIVE) {
                return;
            }
            if (targets.stream().anyMatch(Runs::isAlive)) {
                askWrapperAfter(run, targets, signal);
            } else {
                members(run).forEach(left -> signal(run, left, signal));
            }
        });
    }

    private static boolean isAlive(int pid) {
        return Proc.HOST.stat(pid).filter(stat -> !stat.zombie()).isPresent();
    }

    /** Sends {@code signal} to the program, for a person. */
    boolean signalProgram(LiveRun run, int signal) {
        boolean any = false;
        for (int target : StopTargets.of(run.pid, signal, Proc.HOST)) {
            any |= signal(run, target, signal);
        }
        return any;
    }

    private boolean signal(LiveRun run, int pid, int signal) {
        if (run.phase == LiveRun.Phase.ENDING && pid == run.pid) {
            return false;
        }
        try (Pidfd process = Pidfd.open(pid)) {
            // The descriptor names one process for good; only then is it asked whether that one is ours.
            return members(run).contains(pid) && process.signal(signal);
        } catch (ErrnoException gone) {
            return false;
        }
    }

    void kill(String id) {
        LiveRun run = runs.get(id);
        if (run != null && run.phase != LiveRun.Phase.PREPARING && !run.killed) {
            run.killed = true;
            endTree(run);
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
        run.killed = true;
        endTree(run);
    }

    void update(Effect.UpdateRun order) {
        LiveRun run = runs.get(order.run());
        if (run != null) {
            run.app = order.app();
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
            dissolve(compartment);
        }
    }

    private void dissolve(Compartment compartment) {
        if (!compartment.keeperGone) {
            loop.unwatch(compartment.keeper.answersFd());
            loop.unwatch(compartment.keeper.process().fd());
        }
        compartments.remove(compartment);
        worker.execute(() -> compartments.dissolve(compartment));
    }

    private void programEnded(LiveRun run) {
        if (run.phase == LiveRun.Phase.ENDING) {
            return;
        }
        run.phase = LiveRun.Phase.ENDING;
        run.program.ifPresent(program -> loop.unwatch(program.fd()));
        run.status = zombieStatus(run.pid);
        if (run.status.isEmpty() && !compartment(run).keeperGone) {
            try {
                compartment(run).keeper.reap(run.pid);
                return; // goes on in reaped()
            } catch (IOException deaf) {
                log.warn(run.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
            }
        }
        endRest(run);
    }

    private static Optional<ExitStatus> zombieStatus(int pid) {
        return Proc.HOST.exitStatus(pid);
    }

    private void reaped(LiveRun run, int pid, int shellStatus) {
        if (run.phase == LiveRun.Phase.ENDING && run.pid == pid && run.status.isEmpty()) {
            run.status = Optional.of(ExitStatus.fromShell(shellStatus));
            endRest(run);
        }
    }

    /** The program has ended. What else lives in its compartment ends too: in its own time when we asked, else now. */
    private void endRest(LiveRun run) {
        List<Integer> left = members(run);
        if (left.isEmpty()) {
            examineEnd(run);
            return;
        }
        run.leftBehind = left.size();
        if (run.asked && !run.killed) {
            left.forEach(pid -> signal(run, pid, run.app.stop().signal()));
            awaitRest(run);
        } else {
            run.killed = true;
            endTree(run);
        }
    }

    /** The stop ladder of core kills when the grace period is over. */
    private void awaitRest(LiveRun run) {
        loop.after(LINGERING_POLL_MILLIS, () -> {
            if (run.killed || !runs.containsKey(run.id)) {
                return;
            }
            if (members(run).isEmpty()) {
                examineEnd(run);
            } else {
                awaitRest(run);
            }
        });
    }

    private void endTree(LiveRun run) {
        if (!runs.containsKey(run.id)) {
            return;
        }
        boolean empty = compartments.endStep(compartment(run));
        if (run.phase == LiveRun.Phase.ENDING && empty) {
            examineEnd(run);
        } else {
            loop.after(ENDING_POLL_MILLIS, () -> endTree(run));
        }
    }

    /** V8 tells of a full heap on stderr only: an abort is not judged before its last words are on disk. */
    private void examineEnd(LiveRun run) {
        ExitStatus status = run.status.orElse(new ExitStatus(OptionalInt.empty(), OptionalInt.empty(), false));
        boolean aborted = status.signal().equals(OptionalInt.of(Signals.ABRT))
                || status.code().equals(OptionalInt.of(SHELL_ABORT));
        if (aborted) {
            tails.of(compartment(run), tail -> loop.post(() -> finish(run, status, tail)));
        } else {
            finish(
                    run,
                    status,
                    run.failedStep.map(Refusal::message).map(List::of).orElse(List.of()));
        }
    }

    private void finish(LiveRun run, ExitStatus status, List<String> tail) {
        if (!runs.containsKey(run.id)) {
            return;
        }
        Compartment compartment = compartment(run);
        Cgroup.Marks marks = compartment.cgroup.marks();
        long kills = Math.max(0, marks.oomKills() - compartment.killsBefore);
        boolean byLimit = hitItsLimit(run, compartment, marks);
        compartment.killsBefore = marks.oomKills();
        compartment.limitHitsBefore = marks.limitHits();
        if (run.status.map(ExitStatus::exact).orElse(false) && !compartment.keeperGone) {
            try {
                compartment.keeper.reap(run.pid);
            } catch (IOException deaf) {
                log.warn(run.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
            }
        }
        forget(run);
        if (compartment.keeperGone) {
            dissolve(compartment);
        }
        if (run.failedStep.isPresent() && status.code().equals(OptionalInt.of(Keeper.FAILED_STEP_CODE))) {
            log.warn(run.instance + ": " + run.failedStep.get().message());
        }
        outcome.accept(new Event.RunExited(
                run.id,
                new Exit(
                        status.code(),
                        status.signal(),
                        byLimit ? (int) kills : 0,
                        run.overSampledLimit,
                        kills > 0 && !byLimit,
                        marks.peak(),
                        run.app.limits().memory().orElse(0L),
                        run.leftBehind,
                        tail,
                        true,
                        caveat(run))));
    }

    /**
     * The kernel counts every process it kills for want of memory, whether the compartment's limit or the whole host was the reason. That
     * the limit was reached is the difference: by its own counter, or, since kernel 6.18 was seen to leave that at 0 on v1, by the peak.
     */
    private static boolean hitItsLimit(LiveRun run, Compartment compartment, Cgroup.Marks marks) {
        long limit = run.app.limits().memory().orElse(Long.MAX_VALUE);
        return limit < Long.MAX_VALUE
                && (marks.limitHits() > compartment.limitHitsBefore || marks.peak() >= limit - PEAK_SLACK);
    }

    /** Why its end is not, or not exactly, known. */
    private static Optional<String> caveat(LiveRun run) {
        if (run.status.isEmpty()) {
            return Optional.of("its keeper was killed, and with it the exit status was lost");
        }
        return run.status.get().exact()
                ? Optional.empty()
                : Optional.of("as its keeper, a shell, tells it: 128 and more may be a signal");
    }

    private void forget(LiveRun run) {
        runs.remove(run.id);
        run.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            program.close();
        });
        run.compartment.ifPresent(compartment -> compartment.run = Optional.empty());
    }

    /** The keeper has been killed. Its program goes on; only the status of its end is lost. */
    private void lostKeeper(Compartment compartment) {
        loop.unwatch(compartment.keeper.answersFd());
        loop.unwatch(compartment.keeper.process().fd());
        compartment.keeperGone = true;
        try {
            compartment.keeper.process().reap();
        } catch (ErrnoException notOurChild) {
            log.info(compartment.instance + ": its keeper was another daemon's child");
        }
        log.warn(compartment.instance + ": its keeper " + compartment.keeper.pid()
                + " has ended; the program goes on, how it" + " ends will not be known");
        if (compartment.run.isEmpty()) {
            dissolve(compartment);
            return;
        }
        LiveRun run = compartment.run.get();
        if (run.phase == LiveRun.Phase.SPAWNING) {
            compartments.endStep(compartment);
            refuse(run, new Refusal("keeper", "the keeper was killed while it started the program", ""));
            dissolve(compartment);
        } else if (run.phase == LiveRun.Phase.ENDING && run.status.isEmpty()) {
            endRest(run);
        }
    }

    private List<Integer> members(LiveRun run) {
        List<Integer> members = new ArrayList<>(compartments.members(compartment(run)));
        if (run.phase == LiveRun.Phase.ENDING) {
            members.remove((Integer) run.pid);
        }
        return members;
    }

    private static Compartment compartment(LiveRun run) {
        return run.compartment.orElseThrow();
    }
}
