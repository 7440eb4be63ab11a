package io.bulkhead.host;

import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Signals;
import io.bulkhead.linux.SpawnFile;
import io.bulkhead.spec.AppSpec;
import java.io.IOException;
import java.util.Optional;

/**
 * Behind each program that is to be restarted waits a spare one: born in the compartment, with its limits, user, environment and session,
 * it lacks only the last step. A crash is answered by one word to it, where the whole way takes 4 ms (fork, setsid, env,
 * exec of each; measured). Made one by one when nothing else is going on. On the loop.
 *
 * <p>A spare belongs to the daemon that ordered it and ends with it; a later daemon makes its own.
 */
final class Spares {

    /** After the last start: a crash within it takes the whole way, and so does one that comes back at once. */
    private static final long QUIET_MILLIS = 300;

    private static final long PACE_MILLIS = 20;
    /** A keeper answers in milliseconds; one that is stopped must not hold up the end of a run. */
    private static final long PATIENCE_MILLIS = 1_000;
    /** A spare takes 0.2 MB of the compartment's memory, the kernel's share included. */
    private static final long LEAST_MEMORY = 16 << 20;

    private final Loop loop;
    private final Worker worker;
    private final Launch launch;
    private final Compartments compartments;
    private final DaemonLog log;
    private Loop.Timer next;

    Spares(Loop loop, Worker worker, Launch launch, Compartments compartments, DaemonLog log) {
        this.loop = loop;
        this.worker = worker;
        this.launch = launch;
        this.compartments = compartments;
        this.log = log;
        this.next = loop.after(0, () -> {});
    }

    /** A program has started, or its app has changed. */
    void later() {
        loop.cancel(next);
        next = loop.after(QUIET_MILLIS, this::makeNext);
    }

    private void makeNext() {
        for (Compartment compartment : compartments.all()) {
            if (compartment.run.isPresent() && lacksSpare(compartment, compartment.run.get())) {
                make(compartment, compartment.run.get());
                return;
            }
        }
    }

    private static boolean lacksSpare(Compartment compartment, LiveRun run) {
        return compartment.spare.isEmpty()
                && !run.spareTried
                && run.phase == LiveRun.Phase.ALIVE
                && !run.asked
                && !compartment.keeperGone
                && compartment.keeper.isOurs()
                && run.app.restart().policy() != AppSpec.Restart.Policy.NEVER
                // At its limit of processes a shell cannot fork, and ends: that must not be the keeper.
                && run.app.limits().pids().isEmpty()
                && run.app.limits().memory().orElse(Long.MAX_VALUE) >= LEAST_MEMORY;
    }

    private void make(Compartment compartment, LiveRun run) {
        run.spareTried = true;
        AppSpec app = run.app;
        worker.execute(() -> {
            try {
                Launch.Prepared prepared = launch.prepare(run.instance, app);
                loop.post(() -> order(compartment, run, app, prepared));
            } catch (LaunchRefused notNow) {
                loop.post(this::goOn); // the next start says what is wrong
            }
        });
    }

    private void order(Compartment compartment, LiveRun run, AppSpec app, Launch.Prepared prepared) {
        SpawnFile file = prepared.file();
        if (run.phase == LiveRun.Phase.ALIVE
                && !run.asked
                && run.app.source().equals(app.source())
                && compartment.holds(prepared.sockets())
                && file.fitsSpare()) {
            try {
                compartment.keeper.prepareSpare(file);
                compartment.spare = Optional.of(new Spare(app, file, Loop.now()));
                return; // goes on in made()
            } catch (IOException deaf) {
                log.warn(run.instance + ": its keeper cannot be told to make a spare: " + deaf.getMessage());
            }
        }
        goOn();
    }

    private void goOn() {
        loop.cancel(next);
        next = loop.after(PACE_MILLIS, this::makeNext);
    }

    /** The keeper has made one. */
    void made(Compartment compartment, int pid) {
        goOn();
        if (compartment.spare.isEmpty()) {
            return;
        }
        Spare spare = compartment.spare.get();
        try {
            Pidfd process = Pidfd.open(pid);
            spare.process = Optional.of(process);
            loop.watch(process.fd(), () -> ended(compartment, spare));
            if (spare.unwanted) {
                end(spare);
            }
        } catch (ErrnoException gone) {
            log.info(compartment.instance + ": its spare " + pid + " cannot be watched: " + gone.getMessage());
            forget(compartment, spare);
        }
    }

    private void ended(Compartment compartment, Spare spare) {
        int pid = spare.pid();
        forget(compartment, spare);
        if (!compartment.keeperGone) {
            try {
                compartment.keeper.reap(pid);
            } catch (IOException deaf) {
                log.warn(compartment.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
            }
        }
    }

    private void forget(Compartment compartment, Spare spare) {
        compartment.spare = Optional.empty();
        spare.process.ifPresent(process -> {
            loop.unwatch(process.fd());
            process.close();
        });
    }

    /** Whether the keeper is just making one, so that a stranger in the compartment may be no stranger. */
    boolean isBeingMade(Compartment compartment) {
        return compartment.spare.isPresent()
                && compartment.spare.get().process.isEmpty()
                && !compartment.keeperGone
                && Loop.now() - compartment.spare.get().askedMillis < PATIENCE_MILLIS;
    }

    /** Takes the spare of {@code app} out of the compartment, if it has one that is as a start now would make it. */
    Optional<Spare> take(Compartment compartment, AppSpec app) {
        boolean same = app.envFiles().isEmpty()
                && compartment.spare.isPresent()
                && compartment.spare.get().app.source().equals(app.source())
                && CompartmentMaking.limits(app.limits()).equals(compartment.limits);
        return same ? take(compartment) : Optional.empty();
    }

    /** The same where it has been found out what a start would make now. */
    Optional<Spare> take(Compartment compartment, SpawnFile file) {
        boolean same =
                compartment.spare.isPresent() && compartment.spare.get().file.equals(file);
        return same ? take(compartment) : Optional.empty();
    }

    private static Optional<Spare> take(Compartment compartment) {
        Spare spare = compartment.spare.orElseThrow();
        if (spare.unwanted
                || compartment.keeperGone
                || spare.process.isEmpty()
                || spare.process.get().ended()) {
            return Optional.empty();
        }
        compartment.spare = Optional.empty();
        return Optional.of(spare);
    }

    /** Ends the spare, if there is one. */
    void discard(Compartment compartment) {
        compartment.spare.ifPresent(spare -> {
            spare.unwanted = true;
            if (spare.process.isPresent()) {
                end(spare);
            }
        });
    }

    private void end(Spare spare) {
        try {
            spare.process.orElseThrow().signal(Signals.KILL);
        } catch (ErrnoException refused) {
            log.warn("spare " + spare.pid() + ": " + refused.getMessage());
        }
    }

    /** Its keeper is gone or about to go: nobody buries what is ended here but the system. */
    void letGo(Compartment compartment) {
        discard(compartment);
        compartment.spare.ifPresent(spare -> forget(compartment, spare));
    }
}
