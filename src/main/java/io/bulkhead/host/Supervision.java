package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Now;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Supervisor;
import io.bulkhead.core.Target;
import io.bulkhead.core.Ticket;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;

/**
 * Feeds core with events and hands out its effects, in order, on the loop. Whoever wished something is answered when core says
 * that it came true or failed.
 */
final class Supervision {

    private record Waiter(Ticket ticket, CompletableFuture<Outcome> answer) {}

    /** The wall time at start plus what the monotonic clock has gained since: it grows whatever is done to the clock. */
    private final long wallAtStart = System.currentTimeMillis();

    private final long nanosAtStart = System.nanoTime();
    private final Loop loop;
    private final Supervisor supervisor;
    private final Runs runs;
    private final DrainPreparation drains;
    private final Hooks hooks;
    private final RunWatch watch;
    private final UnhealthyRecord unhealthy;
    private final FailedRuns failed;
    private final Chronicle chronicle;
    private final Runnable finished;
    private final ArrayDeque<Event> events = new ArrayDeque<>();
    private final List<Waiter> waiters = new ArrayList<>();
    private Loop.Timer deadline;
    private boolean handling;

    /**
     * @param drains what is done before a drain
     * @param watch how runs are
     * @param unhealthy what is done before an unhealthy one is replaced
     * @param failed remembers which runs failed
     * @param chronicle where what happens is kept
     * @param finished called when everything has ended after a wish to shut down
     */
    Supervision(
            Loop loop,
            Supervisor supervisor,
            Runs runs,
            DrainPreparation drains,
            Hooks hooks,
            RunWatch watch,
            UnhealthyRecord unhealthy,
            FailedRuns failed,
            Chronicle chronicle,
            Runnable finished) {
        this.loop = loop;
        this.supervisor = supervisor;
        this.runs = runs;
        this.drains = drains;
        this.hooks = hooks;
        this.watch = watch;
        this.unhealthy = unhealthy;
        this.failed = failed;
        this.chronicle = chronicle;
        this.finished = finished;
        this.deadline = loop.after(0, () -> {});
    }

    Supervisor supervisor() {
        return supervisor;
    }

    /** The apps that {@code target} means. */
    List<AppView> chosen(Target target) {
        return target.app().isEmpty()
                ? supervisor.apps()
                : supervisor.app(target.app().get()).map(List::of).orElse(List.of());
    }

    /** Something happened; what follows from it is under way when this returns, unless it happened while another event is handled. */
    void happened(Event event) {
        events.add(event);
        if (handling) {
            return;
        }
        handling = true;
        try {
            for (Event next = events.poll(); next != null; next = events.poll()) {
                carryOut(supervisor.handle(next, now()));
            }
        } finally {
            handling = false;
        }
        answerWaiters();
        awaitDeadline();
    }

    /** Takes a person's wish to core, and answers when it has come true or failed; with {@code wait} false, at once. */
    CompletableFuture<Outcome> wish(Event.Wish wish, boolean wait) {
        happened(wish);
        Ticket ticket = supervisor.ticket();
        Outcome outcome = supervisor.outcome(ticket);
        if (!wait || outcome.state() != Outcome.State.PENDING) {
            return CompletableFuture.completedFuture(outcome);
        }
        Waiter waiter = new Waiter(ticket, new CompletableFuture<>());
        waiters.add(waiter);
        return waiter.answer;
    }

    /** The daemon ends before what was wished has come true: whoever waits is told so, in these words. */
    void giveUpWaiting(String message, String hint) {
        for (Waiter waiter : waiters) {
            waiter.answer.complete(new Outcome(Outcome.State.FAILED, 1, message, hint));
        }
        waiters.clear();
    }

    private Now now() {
        long gained = (System.nanoTime() - nanosAtStart) / 1_000_000;
        return new Now(wallAtStart + gained, System.currentTimeMillis());
    }

    /** What is only told comes last: a replacement does not wait for its news. */
    private void carryOut(List<Effect> effects) {
        for (Effect effect : effects) {
            if (!(effect instanceof Effect.Tell)) {
                carryOut(effect);
            }
        }
        for (Effect effect : effects) {
            if (effect instanceof Effect.Tell tell) {
                failed.told(tell);
                chronicle.tell(tell);
            }
        }
    }

    private void carryOut(Effect effect) {
        switch (effect) {
            case Effect.StartRun start -> runs.start(start, restarts(start.instance()));
            case Effect.AskToStop ask -> runs.ask(ask);
            case Effect.PrepareDrain prepare -> drains.prepare(prepare);
            case Effect.KillRun kill -> runs.kill(kill.run());
            case Effect.UpdateRun update -> {
                runs.update(update);
                runs.find(update.run()).ifPresent(watch::updated);
            }
            case Effect.RunHook hook -> hooks.run(hook);
            case Effect.EndHook end -> hooks.end(end);
            case Effect.Admit admit -> runs.find(admit.run()).ifPresent(watch::admit);
            case Effect.RecordUnhealthy record -> unhealthy.record(record);
            case Effect.RememberInstance one ->
                chronicle.rememberInstance(one.instance(), one.memory(), run(one.instance()));
            case Effect.RememberRollout rollout -> chronicle.rememberRollout(rollout.memory());
            case Effect.ForgetRollout rollout -> chronicle.forgetRollout(rollout.app());
            case Effect.RememberScale scale -> chronicle.rememberScale(scale.app(), scale.instances());
            case Effect.ForgetScale scale -> chronicle.forgetScale(scale.app());
            case Effect.Release release -> {
                runs.release(release.instance());
                watch.released(release.instance());
            }
            case Effect.RememberHold hold -> chronicle.rememberHold(hold.instance(), hold.held());
            case Effect.RememberApp app -> {
                chronicle.rememberApp(app.app(), app.origin());
                runs.changed(app.app());
            }
            case Effect.ForgetApp app -> chronicle.forgetApp(app.app());
            case Effect.Tell tell -> chronicle.tell(tell);
            case Effect.OpenIncident incident -> chronicle.openIncident(incident);
            case Effect.ResolveIncidents over -> chronicle.resolveIncidents(over.instance());
            case Effect.Finished end -> finished.run();
        }
    }

    private int restarts(InstanceId id) {
        return view(id).map(InstanceView::restarts).orElse(0);
    }

    private String run(InstanceId id) {
        return view(id).flatMap(InstanceView::run).orElse("");
    }

    private Optional<InstanceView> view(InstanceId id) {
        Optional<AppView> app = supervisor.app(id.app());
        if (app.isPresent()) {
            for (InstanceView instance : app.get().instances()) {
                if (instance.id().equals(id)) {
                    return Optional.of(instance);
                }
            }
        }
        return Optional.empty();
    }

    private void answerWaiters() {
        for (Iterator<Waiter> each = waiters.iterator(); each.hasNext(); ) {
            Waiter waiter = each.next();
            Outcome outcome = supervisor.outcome(waiter.ticket);
            if (outcome.state() != Outcome.State.PENDING) {
                each.remove();
                waiter.answer.complete(outcome);
            } else if (waiter.answer.isCancelled()) {
                each.remove();
            }
        }
    }

    private void awaitDeadline() {
        loop.cancel(deadline);
        OptionalLong next = supervisor.nextDeadline();
        if (next.isPresent()) {
            long pause = next.getAsLong() - now().monotonicMillis();
            deadline = loop.after(pause, () -> happened(new Event.ClockTick()));
        }
    }
}
