package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.Signals;
import java.util.List;

/** Signals to what lives in a run, below shells that would keep them to themselves. On the loop. */
final class RunSignals {

    private static final long POLL_MILLIS = 25;
    /** A shell whose program has ended passes that on, or goes on with its next command, and then has to be asked itself. */
    private static final long SHELL_MILLIS = 250;

    private static final long PACKAGE_MANAGER_MILLIS = 3_000;

    private final Loop loop;
    private final Compartments compartments;

    RunSignals(Loop loop, Compartments compartments) {
        this.loop = loop;
        this.compartments = compartments;
    }

    /** Until the signal that a Node prints its stack at is followed by the one that it knows. */
    private static final long STACK_MILLIS = 500;

    /**
     * Asks the run to end. A Node that computes without an end would not hear; with --trace-sigint it prints at SIGINT where it is, and ends, unless
     * the app has a handler of its own for that.
     */
    void ask(LiveRun run, Effect.AskToStop order) {
        run.asked = true;
        run.app = order.app();
        if (run.hung.isEmpty()) {
            askNow(run, order);
            return;
        }
        run.hung.forEach(pid -> send(run, pid, Signals.INT));
        loop.after(STACK_MILLIS, () -> {
            if (run.phase == LiveRun.Phase.ALIVE) {
                askNow(run, order);
            }
        });
    }

    /** The signal goes to the program below npm, npx and sh wrappers, or to the whole tree. */
    private void askNow(LiveRun run, Effect.AskToStop order) {
        int signal = order.app().stop().signal();
        List<Integer> targets =
                order.app().stop().toTree() ? compartments.members(run) : StopTargets.of(run.pid, signal, Proc.HOST);
        for (int target : targets) {
            send(run, target, signal);
        }
        if (!targets.contains(run.pid)) {
            askWrapperAfter(run, targets, signal);
        }
    }

    /**
     * A shell goes on with its next command when a program below it has ended: then it is asked too. Not at once: the code with which a
     * program ended well is passed on by whoever waited for it, and npm needs some tenths of a second for that.
     */
    private void askWrapperAfter(LiveRun run, List<Integer> targets, int signal) {
        loop.after(POLL_MILLIS, () -> {
            if (run.phase != LiveRun.Phase.ALIVE) {
                return;
            }
            if (targets.stream().anyMatch(RunSignals::isAlive)) {
                askWrapperAfter(run, targets, signal);
                return;
            }
            long patience = StopTargets.isPackageManager(run.pid, Proc.HOST) ? PACKAGE_MANAGER_MILLIS : SHELL_MILLIS;
            loop.after(patience, () -> {
                if (run.phase == LiveRun.Phase.ALIVE) {
                    compartments.members(run).forEach(left -> send(run, left, signal));
                }
            });
        });
    }

    private static boolean isAlive(int pid) {
        return Proc.HOST.stat(pid).filter(stat -> !stat.zombie()).isPresent();
    }

    /** Sends {@code signal} to the program, for a person. */
    boolean signalProgram(LiveRun run, int signal) {
        boolean any = false;
        for (int target : StopTargets.of(run.pid, signal, Proc.HOST)) {
            any |= send(run, target, signal);
        }
        return any;
    }

    /** True when {@code pid} belongs to the run and the signal was sent. */
    boolean send(LiveRun run, int pid, int signal) {
        if (run.phase == LiveRun.Phase.ENDING && pid == run.pid) {
            return false;
        }
        try (Pidfd process = Pidfd.open(pid)) {
            // The descriptor names one process for good; only then is it asked whether that one is ours.
            return compartments.members(run).contains(pid) && process.signal(signal);
        } catch (ErrnoException gone) {
            return false;
        }
    }
}
