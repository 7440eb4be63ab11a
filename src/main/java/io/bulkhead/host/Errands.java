package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.ExitStatus;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Proc;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Command;
import io.bulkhead.spec.Signals;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Runs commands beside an app, each once, as the app's user, in a compartment of its own and for a limited time; its output goes into the app's log. When
 * its program has ended, what it left running is ended too. One that a daemon's end leaves is ended by the next daemon. On the loop.
 */
final class Errands {

    private static final long ENDING_POLL_MILLIS = 2;

    /**
     * What to run.
     *
     * @param id of its processes, never the same twice: their BULKHEAD_RUN
     * @param mark what each line of its output begins with in the app's log
     * @param facts more variables for it
     */
    record Order(
            String id,
            String mark,
            InstanceId instance,
            AppSpec app,
            Command command,
            Map<String, String> facts,
            Duration timeout) {}

    /**
     * How it went.
     *
     * @param trouble why it did not go well; empty: it ended with 0
     * @param hint what to do about that, may be empty
     * @param lines its last ones
     */
    record Ended(String trouble, String hint, List<String> lines, long millis) {

        boolean well() {
            return trouble.isEmpty();
        }

        /** The trouble, and what it said itself last. */
        String words() {
            return lines.isEmpty() || well()
                    ? trouble
                    : trouble + ": " + lines.getLast().strip();
        }
    }

    /** One on its way from the order until nothing of it is left. */
    private static final class Live {
        final Order order;
        final Consumer<Ended> done;
        final long since = Loop.now();
        Optional<Compartment> compartment = Optional.empty();
        Optional<Pidfd> program = Optional.empty();
        Optional<Loop.Timer> timeout = Optional.empty();
        Optional<ExitStatus> status = Optional.empty();
        /** A step of the start that failed, as its keeper tells it. */
        String failedStep = "";

        String endedBecause = "";
        boolean ending;

        Live(Order order, Consumer<Ended> done) {
            this.order = order;
            this.done = done;
        }

        Compartment home() {
            return compartment.orElseThrow();
        }

        @Override
        public String toString() {
            return order.instance + ": " + order.mark.strip();
        }
    }

    private final Loop loop;
    private final Worker worker;
    private final Launch launch;
    private final Compartments compartments;
    private final LogTails tails;
    private final DaemonLog log;
    private final List<Live> all = new ArrayList<>();
    private Optional<Runnable> whenNoneLeft = Optional.empty();

    Errands(Loop loop, Worker worker, Launch launch, Compartments compartments, LogTails tails, DaemonLog log) {
        this.loop = loop;
        this.worker = worker;
        this.launch = launch;
        this.compartments = compartments;
        this.tails = tails;
        this.log = log;
    }

    /** Starts it; {@code done} hears once how it went. */
    void start(Order order, Consumer<Ended> done) {
        Live errand = new Live(order, done);
        all.add(errand);
        // After all that was decided together with it: a replacement does not wait for an errand's compartment.
        loop.post(() -> worker.execute(() -> prepare(errand)));
    }

    /** Ends it now, where it still runs. */
    void end(String id, String because) {
        for (Live errand : List.copyOf(all)) {
            if (errand.order.id.equals(id)) {
                end(errand, because);
            }
        }
    }

    /** Ends what runs, then calls {@code done}. */
    void endAll(Runnable done) {
        if (all.isEmpty()) {
            done.run();
            return;
        }
        whenNoneLeft = Optional.of(done);
        for (Live errand : List.copyOf(all)) {
            end(errand, "ended because the daemon ends");
        }
    }

    /** Process ids of their keepers, which are reaped by their compartments. */
    Set<Integer> keepers() {
        Set<Integer> keepers = new HashSet<>();
        for (Live errand : all) {
            errand.compartment.ifPresent(home -> keepers.add(home.keeper.pid()));
        }
        return keepers;
    }

    /** On the worker. */
    private void prepare(Live errand) {
        Order order = errand.order;
        try {
            Launch.Prepared prepared = launch.prepare(order);
            Compartment home = compartments.making.makeForHook(order.instance, order.app, prepared, order.mark);
            home.cgroup.begin(order.id);
            loop.post(() -> start(errand, home, prepared));
        } catch (LaunchRefused refused) {
            Refusal why = refused.refusal();
            loop.post(() -> forget(errand, () -> tell(errand, why.message(), why.hint(), List.of())));
        } catch (RuntimeException | AssertionError bug) {
            log.bug(bug);
            loop.post(() ->
                    forget(errand, () -> tell(errand, "an error in Bulkhead itself: " + bug, "report it", List.of())));
        }
    }

    private void start(Live errand, Compartment home, Launch.Prepared prepared) {
        errand.compartment = Optional.of(home);
        if (!errand.endedBecause.isEmpty()) {
            dissolve(errand);
            tell(errand, errand.endedBecause, "", List.of());
            return;
        }
        try {
            loop.watch(home.keeper.answersFd(), () -> hear(errand));
            loop.watch(home.keeper.process().fd(), () -> lostKeeper(errand));
            long patience = errand.order.timeout.toMillis();
            errand.timeout = Optional.of(loop.after(
                    patience, () -> end(errand, "did not end within " + words(patience) + " and was killed")));
            home.keeper.startProgram(prepared.file(), prepared.marks());
        } catch (IOException refused) {
            end(errand, "keeper: " + refused.getMessage());
        }
    }

    private void hear(Live errand) {
        try {
            for (Keeper.Answer answer : errand.home().keeper.answers()) {
                switch (answer) {
                    case Keeper.Answer.Started(int pid) -> started(errand, pid);
                    case Keeper.Answer.Failed(String step, String message) -> errand.failedStep = message;
                    case Keeper.Answer.Reaped(int pid, int status) -> {
                        errand.status = Optional.of(ExitStatus.fromShell(status));
                        end(errand, "");
                    }
                    default -> {}
                }
            }
        } catch (IOException broken) {
            end(errand, "keeper: " + broken.getMessage());
        }
    }

    private void lostKeeper(Live errand) {
        Compartment home = errand.home();
        loop.unwatch(home.keeper.answersFd());
        loop.unwatch(home.keeper.process().fd());
        home.keeperGone = true;
        try {
            home.keeper.process().reap();
        } catch (ErrnoException buriedByInit) {
            log.info(errand + "its keeper was buried already");
        }
        end(errand, "its keeper was killed");
    }

    private void started(Live errand, int pid) {
        try {
            Pidfd program = Pidfd.open(pid);
            errand.program = Optional.of(program);
            loop.watch(program.fd(), () -> programEnded(errand));
        } catch (ErrnoException gone) {
            programEnded(errand);
        }
    }

    private void programEnded(Live errand) {
        errand.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            errand.status = Proc.HOST.exitStatus(program.pid());
        });
        if (errand.status.isEmpty() && errand.program.isPresent()) {
            try {
                errand.home().keeper.reap(errand.program.get().pid());
                return; // goes on in hear()
            } catch (IOException deaf) {
                log.warn(errand + ": " + deaf.getMessage());
            }
        }
        end(errand, "");
    }

    /** @param because empty: it ended by itself */
    private void end(Live errand, String because) {
        if (errand.ending) {
            return;
        }
        errand.endedBecause = because;
        if (errand.compartment.isEmpty()) {
            return; // goes on in start()
        }
        errand.ending = true;
        errand.timeout.ifPresent(loop::cancel);
        endTree(errand);
    }

    private void endTree(Live errand) {
        if (compartments.endStep(errand.home())) {
            tails.marked(
                    errand.home(),
                    lines -> loop.post(() -> {
                        dissolve(errand);
                        tell(errand, trouble(errand), "", lines);
                    }));
        } else {
            loop.after(ENDING_POLL_MILLIS, () -> endTree(errand));
        }
    }

    private void dissolve(Live errand) {
        Compartment home = errand.home();
        loop.unwatch(home.keeper.answersFd());
        loop.unwatch(home.keeper.process().fd());
        errand.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            bury(home, program.pid());
            program.close();
        });
        // Out of the list, and so out of keepers(), only when its keeper is buried.
        worker.execute(() -> {
            compartments.removal.dissolve(home);
            loop.post(() -> forget(errand, () -> {}));
        });
    }

    private void bury(Compartment home, int pid) {
        try {
            if (!home.keeperGone) {
                home.keeper.reap(pid);
            }
        } catch (IOException deaf) {
            log.warn(home.instance + ": " + deaf.getMessage());
        }
    }

    private void forget(Live errand, Runnable then) {
        all.remove(errand);
        then.run();
        if (all.isEmpty()) {
            whenNoneLeft.ifPresent(Runnable::run);
            whenNoneLeft = Optional.empty();
        }
    }

    private static void tell(Live errand, String trouble, String hint, List<String> lines) {
        errand.done.accept(new Ended(trouble, hint, lines, Loop.now() - errand.since));
    }

    /** Empty when all went well. */
    private static String trouble(Live errand) {
        if (!errand.endedBecause.isEmpty()) {
            return errand.endedBecause;
        }
        if (!errand.failedStep.isEmpty()) {
            return errand.failedStep;
        }
        if (errand.status.isEmpty()) {
            return "how it ended is not known";
        }
        ExitStatus status = errand.status.get();
        if (status.signal().isPresent()) {
            return "ended by " + Signals.name(status.signal().getAsInt());
        }
        return status.code().equals(OptionalInt.of(0))
                ? ""
                : "exited with code " + status.code().orElse(0);
    }

    /** {@code 60s}, as it is written. */
    private static String words(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
