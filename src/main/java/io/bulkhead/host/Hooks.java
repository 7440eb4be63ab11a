package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Refusal;
import io.bulkhead.core.Tale;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.ExitStatus;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.Pidfd;
import io.bulkhead.linux.Proc;
import io.bulkhead.spec.Signals;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Runs the commands under {@code hooks:}, each in a compartment of its own beside the app's, for {@code hook_timeout} at most. Nothing waits for
 * one: how it went is told as an event. When its program has ended, what it left running is ended too. One that a daemon's end leaves is ended by
 * the next daemon. On the loop.
 */
final class Hooks {

    private static final long ENDING_POLL_MILLIS = 2;

    /** A hook on its way from the order until nothing of it is left. */
    private static final class Live {
        final Effect.RunHook order;
        final String id;
        final long since = Loop.now();
        Optional<Compartment> compartment = Optional.empty();
        Optional<Pidfd> program = Optional.empty();
        Optional<Loop.Timer> timeout = Optional.empty();
        Optional<ExitStatus> status = Optional.empty();
        /** A step of the start that failed, as its keeper tells it. */
        String failedStep = "";

        String endedBecause = "";
        boolean ending;
        boolean skippedTold;

        Live(Effect.RunHook order, String id) {
            this.order = order;
            this.id = id;
        }

        String word() {
            return order.hook().word();
        }

        Compartment home() {
            return compartment.orElseThrow();
        }
    }

    private final Loop loop;
    private final Worker worker;
    private final Launch launch;
    private final Compartments compartments;
    private final LogTails tails;
    private final Chronicle chronicle;
    private final DaemonLog log;
    private final List<Live> all = new ArrayList<>();
    private Optional<Runnable> whenNoneLeft = Optional.empty();
    private long count;

    Hooks(
            Loop loop,
            Worker worker,
            Launch launch,
            Compartments compartments,
            LogTails tails,
            Chronicle chronicle,
            DaemonLog log) {
        this.loop = loop;
        this.worker = worker;
        this.launch = launch;
        this.compartments = compartments;
        this.tails = tails;
        this.chronicle = chronicle;
        this.log = log;
    }

    /** Starts it, unless the same hook of the instance still runs: a crash loop must not pile them up. */
    void run(Effect.RunHook order) {
        for (Live other : all) {
            if (other.order.hook() == order.hook() && other.order.instance().equals(order.instance())) {
                if (!other.skippedTold) {
                    other.skippedTold = true;
                    failed(order, "not run again: the one before still runs", "", List.of());
                }
                return;
            }
        }
        Live hook = new Live(order, order.run() + ".h" + ++count);
        all.add(hook);
        // After all that was decided together with it: a replacement does not wait for the hook's compartment.
        loop.post(() -> worker.execute(() -> prepare(hook)));
    }

    /** Ends what runs, then calls {@code done}. */
    void endAll(Runnable done) {
        if (all.isEmpty()) {
            done.run();
            return;
        }
        whenNoneLeft = Optional.of(done);
        for (Live hook : List.copyOf(all)) {
            end(hook, "ended because the daemon ends");
        }
    }

    /** Process ids of their keepers, which are reaped by their compartments. */
    Set<Integer> keepers() {
        Set<Integer> keepers = new HashSet<>();
        for (Live hook : all) {
            hook.compartment.ifPresent(home -> keepers.add(home.keeper.pid()));
        }
        return keepers;
    }

    /** On the worker. */
    private void prepare(Live hook) {
        Effect.RunHook order = hook.order;
        try {
            Launch.Prepared prepared = launch.prepare(order, hook.id);
            Compartment home =
                    compartments.makeForHook(order.instance(), order.app(), prepared, "[" + hook.word() + "] ");
            home.cgroup.begin(hook.id);
            loop.post(() -> start(hook, home, prepared));
        } catch (LaunchRefused refused) {
            Refusal why = refused.refusal();
            loop.post(() -> forget(hook, () -> failed(order, why.message(), why.hint(), List.of())));
        } catch (RuntimeException | AssertionError bug) {
            log.bug(bug);
            loop.post(() ->
                    forget(hook, () -> failed(order, "an error in Bulkhead itself: " + bug, "report it", List.of())));
        }
    }

    private void start(Live hook, Compartment home, Launch.Prepared prepared) {
        hook.compartment = Optional.of(home);
        if (!hook.endedBecause.isEmpty()) {
            dissolve(hook);
            return;
        }
        try {
            loop.watch(home.keeper.answersFd(), () -> hear(hook));
            loop.watch(home.keeper.process().fd(), () -> lostKeeper(hook));
            long patience = hook.order.app().hooks().timeout().toMillis();
            hook.timeout = Optional.of(
                    loop.after(patience, () -> end(hook, "did not end within " + words(patience) + " and was killed")));
            home.keeper.startProgram(prepared.file(), prepared.marks());
        } catch (IOException refused) {
            end(hook, "keeper: " + refused.getMessage());
        }
    }

    private void hear(Live hook) {
        try {
            for (Keeper.Answer answer : hook.home().keeper.answers()) {
                switch (answer) {
                    case Keeper.Answer.Started(int pid) -> started(hook, pid);
                    case Keeper.Answer.Failed(String step, String message) -> hook.failedStep = message;
                    case Keeper.Answer.Reaped(int pid, int status) -> {
                        hook.status = Optional.of(ExitStatus.fromShell(status));
                        end(hook, "");
                    }
                    default -> {}
                }
            }
        } catch (IOException broken) {
            end(hook, "keeper: " + broken.getMessage());
        }
    }

    private void lostKeeper(Live hook) {
        Compartment home = hook.home();
        loop.unwatch(home.keeper.answersFd());
        loop.unwatch(home.keeper.process().fd());
        home.keeperGone = true;
        try {
            home.keeper.process().reap();
        } catch (ErrnoException buriedByInit) {
            log.info(hook.order.instance() + ": the keeper of " + hook.word() + " was buried already");
        }
        end(hook, "its keeper was killed");
    }

    private void started(Live hook, int pid) {
        try {
            Pidfd program = Pidfd.open(pid);
            hook.program = Optional.of(program);
            loop.watch(program.fd(), () -> programEnded(hook));
        } catch (ErrnoException gone) {
            programEnded(hook);
        }
    }

    private void programEnded(Live hook) {
        hook.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            hook.status = Proc.HOST.exitStatus(program.pid());
        });
        if (hook.status.isEmpty() && hook.program.isPresent()) {
            try {
                hook.home().keeper.reap(hook.program.get().pid());
                return; // goes on in hear()
            } catch (IOException deaf) {
                log.warn(hook.order.instance() + ": " + hook.word() + ": " + deaf.getMessage());
            }
        }
        end(hook, "");
    }

    /** @param because empty: it ended by itself */
    private void end(Live hook, String because) {
        if (hook.ending) {
            return;
        }
        hook.endedBecause = because;
        if (hook.compartment.isEmpty()) {
            return; // goes on in start()
        }
        hook.ending = true;
        hook.timeout.ifPresent(loop::cancel);
        endTree(hook);
    }

    private void endTree(Live hook) {
        if (compartments.endStep(hook.home())) {
            tails.marked(
                    hook.home(),
                    lines -> loop.post(() -> {
                        dissolve(hook);
                        tell(hook, lines);
                    }));
        } else {
            loop.after(ENDING_POLL_MILLIS, () -> endTree(hook));
        }
    }

    private void dissolve(Live hook) {
        Compartment home = hook.home();
        loop.unwatch(home.keeper.answersFd());
        loop.unwatch(home.keeper.process().fd());
        hook.program.ifPresent(program -> {
            loop.unwatch(program.fd());
            bury(home, program.pid());
            program.close();
        });
        // Out of the list, and so out of keepers(), only when its keeper is buried.
        worker.execute(() -> {
            compartments.dissolve(home);
            loop.post(() -> forget(hook, () -> {}));
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

    private void forget(Live hook, Runnable then) {
        all.remove(hook);
        then.run();
        if (all.isEmpty()) {
            whenNoneLeft.ifPresent(Runnable::run);
            whenNoneLeft = Optional.empty();
        }
    }

    private void tell(Live hook, List<String> lines) {
        String trouble = trouble(hook);
        if (trouble.isEmpty()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("hook", hook.word());
            fields.put("seconds", (Loop.now() - hook.since) / 1000.0);
            chronicle.tell(Tale.HOOK_DONE, hook.order.instance(), hook.order.run(), fields);
        } else {
            failed(hook.order, trouble, "", lines);
        }
    }

    /** Empty when all went well. */
    private static String trouble(Live hook) {
        if (!hook.endedBecause.isEmpty()) {
            return hook.endedBecause;
        }
        if (!hook.failedStep.isEmpty()) {
            return hook.failedStep;
        }
        if (hook.status.isEmpty()) {
            return "how it ended is not known";
        }
        ExitStatus status = hook.status.get();
        if (status.signal().isPresent()) {
            return "ended by " + Signals.name(status.signal().getAsInt());
        }
        return status.code().equals(OptionalInt.of(0))
                ? ""
                : "exited with code " + status.code().orElse(0);
    }

    private void failed(Effect.RunHook order, String reason, String hint, List<String> lines) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("hook", order.hook().word());
        fields.put("reason", reason);
        if (!hint.isEmpty()) {
            fields.put("hint", hint);
        }
        if (!lines.isEmpty()) {
            fields.put("lines", lines);
        }
        chronicle.tell(Tale.HOOK_FAILED, order.instance(), order.run(), fields);
        log.warn(order.instance() + ": " + order.hook().word() + ": " + reason);
    }

    /** {@code 60s}, as it is written. */
    private static String words(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
    }
}
