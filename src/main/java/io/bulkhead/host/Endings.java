package io.bulkhead.host;

import io.bulkhead.core.Exit;
import io.bulkhead.core.KernelKills;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.ExitStatus;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.Signals;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;

/**
 * From the end of a program, or the wish to kill it, until nothing of its run is left: its status is read, the rest of its tree
 * ended, its cause found. On the loop.
 */
final class Endings {

    /** What follows when nothing of a run is left. */
    interface Over {
        void over(LiveRun run, Exit exit);
    }

    /** Pause between two looks at a tree that is being ended: the kernel needs a moment for each process. */
    private static final long ENDING_POLL_MILLIS = 2;

    private static final long LINGERING_POLL_MILLIS = 25;

    /** Exit code of a program that called abort(3) below a shell. */
    private static final int SHELL_ABORT = 128 + Signals.ABRT;

    private final Loop loop;
    private final Compartments compartments;
    private final RunSignals signals;
    private final Spares spares;
    private final KernelWitness witness;
    private final LogTails tails;
    private final DaemonLog log;
    private final Consumer<Runnable> whenRemembered;
    private final Over over;

    Endings(
            Loop loop,
            Compartments compartments,
            RunSignals signals,
            Spares spares,
            KernelWitness witness,
            LogTails tails,
            DaemonLog log,
            Consumer<Runnable> whenRemembered,
            Over over) {
        this.loop = loop;
        this.compartments = compartments;
        this.signals = signals;
        this.spares = spares;
        this.witness = witness;
        this.tails = tails;
        this.log = log;
        this.whenRemembered = whenRemembered;
        this.over = over;
    }

    /** Ends the whole tree, by force. */
    void kill(LiveRun run) {
        if (!run.killed) {
            run.killed = true;
            endTree(run);
        }
    }

    /** The program has ended, whoever ended it. */
    void programEnded(LiveRun run) {
        if (run.phase == LiveRun.Phase.ENDING) {
            return;
        }
        run.phase = LiveRun.Phase.ENDING;
        run.program.ifPresent(program -> loop.unwatch(program.fd()));
        run.status = Proc.HOST.exitStatus(run.pid);
        if (run.status.isEmpty() && !run.home().keeperGone && reap(run.home(), run.pid)) {
            return; // goes on in reaped()
        }
        endRest(run);
    }

    /** Where the kernel did not tell the status, the keeper does. */
    void reaped(LiveRun run, int pid, int shellStatus) {
        if (run.phase == LiveRun.Phase.ENDING && run.pid == pid && run.status.isEmpty()) {
            run.status = Optional.of(ExitStatus.fromShell(shellStatus));
            endRest(run);
        }
    }

    /** The program has ended. What else lives in its compartment ends too: in its own time when we asked, else now. */
    void endRest(LiveRun run) {
        if (run.phase == LiveRun.Phase.GONE) {
            return;
        }
        if (spares.isBeingMade(run.home())) {
            loop.after(ENDING_POLL_MILLIS, () -> endRest(run));
            return;
        }
        List<Integer> left = compartments.members(run);
        if (left.isEmpty()) {
            if (!run.killed) {
                examineEnd(run);
            } // else endTree is under way, and has to lift the brake on forking first: the next run lives here too
            return;
        }
        run.leftBehind = left.size();
        if (run.asked && !run.killed) {
            left.forEach(pid -> signals.send(run, pid, run.app.stop().signal()));
            awaitRest(run);
        } else {
            run.killed = true;
            endTree(run);
        }
    }

    /** The stop ladder of core kills when the grace period is over. */
    private void awaitRest(LiveRun run) {
        loop.after(LINGERING_POLL_MILLIS, () -> {
            if (run.killed || run.phase == LiveRun.Phase.GONE) {
                return;
            }
            if (compartments.members(run).isEmpty()) {
                examineEnd(run);
            } else {
                awaitRest(run);
            }
        });
    }

    private void endTree(LiveRun run) {
        if (run.phase == LiveRun.Phase.GONE) {
            return;
        }
        boolean empty = compartments.endStep(run.home());
        if (run.phase == LiveRun.Phase.ENDING && empty) {
            examineEnd(run);
        } else {
            loop.after(ENDING_POLL_MILLIS, () -> endTree(run));
        }
    }

    /**
     * V8 tells of a full heap on stderr only, and ssh of everything: their end is not judged before their last words are on disk. Whose memory had run out only the kernel's log
     * says for certain. Every other end is judged at once: a replacement waits for it.
     */
    private void examineEnd(LiveRun run) {
        if (run.examined) {
            return; // two looks at one tree may both find it empty
        }
        run.examined = true;
        ExitStatus status = run.status.orElse(new ExitStatus(OptionalInt.empty(), OptionalInt.empty(), false));
        Compartment home = run.home();
        tails.ended(run);
        Cgroup.Marks marks = home.cgroup.marks();
        KernelKills counted = witness.counted(run, home, marks);
        home.counted(marks);
        boolean aborted = status.signal().equals(OptionalInt.of(Signals.ABRT))
                || status.code().equals(OptionalInt.of(SHELL_ABORT));
        boolean uncounted =
                !home.cgroup.enforcedByKernel() && status.signal().equals(OptionalInt.of(Signals.KILL)) && !run.killed;
        if (aborted || run.app.tunnel().isPresent()) {
            tails.of(
                    run,
                    tail -> loop.post(
                            () -> finish(run, ExitFacts.of(run, status, marks, counted, witness.knows(), tail))));
        } else if (witness.readsLog() && (counted.any() || uncounted)) {
            witness.records(
                    home,
                    run.pid,
                    records -> loop.post(() -> {
                        run.records.addAll(records);
                        KernelKills kills = witness.exactly(counted, records, home);
                        finish(run, ExitFacts.of(run, status, marks, kills, true, failedStep(run)));
                    }));
        } else {
            finish(run, ExitFacts.of(run, status, marks, counted, witness.knows(), failedStep(run)));
        }
    }

    private static List<String> failedStep(LiveRun run) {
        return run.failedStep.map(Refusal::message).map(List::of).orElse(List.of());
    }

    private void finish(LiveRun run, Exit exit) {
        if (run.phase == LiveRun.Phase.GONE) {
            return;
        }
        Compartment compartment = run.home();
        boolean buries = run.status.map(ExitStatus::exact).orElse(false) && !compartment.keeperGone;
        if (buries) {
            compartment.toBury = OptionalInt.of(run.pid);
        }
        if (run.failedStep.isPresent() && exit.code().equals(OptionalInt.of(Keeper.FAILED_STEP_CODE))) {
            log.warn(run.instance + ": " + run.failedStep.get().message());
        }
        over.over(run, exit);
        whenRemembered.accept(() -> bury(compartment));
    }

    /**
     * Lets the keeper reap what ended last in {@code compartment}, if that is still to be done. Until what it means is on the disk the kernel is to keep how it
     * ended, for a daemon that comes after this one.
     */
    void bury(Compartment compartment) {
        if (compartment.toBury.isEmpty()) {
            return;
        }
        int pid = compartment.toBury.getAsInt();
        compartment.toBury = OptionalInt.empty();
        if (!compartment.keeperGone && compartments.all().contains(compartment)) {
            reap(compartment, pid);
        }
    }

    private boolean reap(Compartment compartment, int pid) {
        try {
            compartment.keeper.reap(pid);
            return true;
        } catch (IOException deaf) {
            log.warn(compartment.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
            return false;
        }
    }
}
