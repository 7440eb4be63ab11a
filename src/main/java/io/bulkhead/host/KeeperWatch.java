package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Keeper;
import java.io.IOException;
import java.util.Optional;

/** Listens to the keepers, and notices when one is killed. On the loop. */
final class KeeperWatch {

    /** What a keeper tells about the run in its compartment. */
    interface Listener {

        void started(LiveRun run, int pid);

        void reaped(LiveRun run, int pid, int shellStatus);

        /** Its keeper has been killed; the program, if there is one, goes on. */
        void orphaned(LiveRun run, Compartment compartment);
    }

    private final Loop loop;
    private final Worker worker;
    private final Compartments compartments;
    private final Spares spares;
    private final DaemonLog log;
    private final Listener listener;

    KeeperWatch(Loop loop, Worker worker, Compartments compartments, Spares spares, DaemonLog log, Listener listener) {
        this.loop = loop;
        this.worker = worker;
        this.compartments = compartments;
        this.spares = spares;
        this.log = log;
        this.listener = listener;
    }

    void watch(Compartment compartment) throws IOException {
        loop.watch(compartment.keeper.answersFd(), () -> hear(compartment));
        loop.watch(compartment.keeper.process().fd(), () -> lost(compartment));
    }

    private void hear(Compartment compartment) {
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
            case Keeper.Answer.Started(int pid) -> run.ifPresent(started -> listener.started(started, pid));
            case Keeper.Answer.Spare(int pid) -> spares.made(compartment, pid);
            case Keeper.Answer.Forked(int pid) -> bury(compartment, pid);
            case Keeper.Answer.Reaped(int pid, int status) ->
                run.ifPresent(ended -> listener.reaped(ended, pid, status));
            case Keeper.Answer.Failed(String step, String message) ->
                run.ifPresent(failed -> failed.failedStep = Optional.of(new Refusal(step, message, "")));
            case Keeper.Answer.Warned(String step, String message) ->
                log.warn(compartment.instance + ": " + step + ": " + message);
            case Keeper.Answer.Strange(String line) -> log.warn(compartment.instance + ": its keeper said: " + line);
        }
    }

    private void bury(Compartment compartment, int pid) {
        try {
            compartment.keeper.reap(pid);
        } catch (IOException deaf) {
            log.warn(compartment.instance + ": its keeper cannot be told to reap: " + deaf.getMessage());
        }
    }

    /** The keeper has been killed. Its program goes on; only the status of its end is lost. */
    private void lost(Compartment compartment) {
        loop.unwatch(compartment.keeper.answersFd());
        loop.unwatch(compartment.keeper.process().fd());
        compartment.keeperGone = true;
        spares.letGo(compartment);
        try {
            compartment.keeper.process().reap();
        } catch (ErrnoException notOurChild) {
            log.info(compartment.instance + ": its keeper was another daemon's child");
        }
        log.warn(compartment.instance + ": its keeper " + compartment.keeper.pid()
                + " has ended; the program goes on, how it ends will not be known");
        if (compartment.run.isEmpty()) {
            dissolve(compartment);
            return;
        }
        listener.orphaned(compartment.run.get(), compartment);
    }

    /** Ends a keeper in whose compartment nothing lives, and removes the compartment. */
    void dissolve(Compartment compartment) {
        if (!compartment.keeperGone) {
            loop.unwatch(compartment.keeper.answersFd());
            loop.unwatch(compartment.keeper.process().fd());
        }
        spares.letGo(compartment);
        compartments.remove(compartment);
        worker.execute(() -> compartments.removal.dissolve(compartment));
    }
}
