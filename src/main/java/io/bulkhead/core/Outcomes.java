package io.bulkhead.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Compares what a wish was to bring about with what is. Changes nothing. */
record Outcomes(Fleet fleet, long time) {

    Outcome of(Ticket ticket) {
        if (ticket.refused().isPresent()) {
            Ticket.Refused refused = ticket.refused().get();
            return Outcome.failed(refused.exitCode(), refused.message(), refused.hint());
        }
        List<String> done = new ArrayList<>();
        List<String> pending = new ArrayList<>();
        List<Outcome> failed = new ArrayList<>();
        for (Ticket.Goal goal : ticket.goals()) {
            Outcome outcome = of(goal, ticket);
            switch (outcome.state()) {
                case DONE -> done.add(outcome.message());
                case PENDING -> pending.add(outcome.message());
                case FAILED -> failed.add(outcome);
            }
        }
        if (!pending.isEmpty()) {
            return Outcome.pending(String.join("\n", pending));
        }
        if (failed.isEmpty()) {
            return Outcome.done(done.isEmpty() ? withoutGoals(ticket.wish()) : String.join("\n", done));
        }
        List<String> messages = new ArrayList<>();
        for (Outcome outcome : failed) {
            messages.add(outcome.message());
        }
        return Outcome.failed(
                failed.getFirst().exitCode(),
                String.join("\n", messages),
                failed.getFirst().hint());
    }

    private static String withoutGoals(Event.Wish wish) {
        return switch (wish) {
            case Event.ResetWish reset -> "counters and back-off begin anew";
            case Event.StartWish start -> "nothing to start";
            case Event.RestartWish restart -> "nothing runs that could be restarted";
            case Event.ReloadWish reload -> "nothing runs that could be reloaded";
            default -> "";
        };
    }

    private Outcome of(Ticket.Goal goal, Ticket ticket) {
        long since = ticket.turn();
        if (goal.aim() == Ticket.Aim.FINISHED) {
            return fleet.finished ? Outcome.done("everything is stopped") : Outcome.pending(stillRunning());
        }
        App app = fleet.apps.get(goal.instance().app());
        Instance instance =
                app == null ? null : app.instances.get(goal.instance().index());
        return switch (goal.aim()) {
            case GONE -> gone(goal.instance(), instance);
            case DOWN -> down(goal.instance(), instance);
            case UP, NEW, ROLLED -> up(goal, instance, ticket.wish() instanceof Event.ReloadWish, since);
            case FINISHED -> throw new IllegalStateException("handled above");
        };
    }

    private String stillRunning() {
        return Words.count(fleet.runs.size(), "run") + " still to end";
    }

    private static Outcome gone(InstanceId id, @Nullable Instance instance) {
        if (instance == null) {
            return Outcome.done(id + ": gone");
        }
        return instance.leaving
                ? Outcome.pending(instance.label() + ": is being stopped")
                : Outcome.failed(1, instance.label() + ": was added again meanwhile", "");
    }

    private Outcome down(InstanceId id, @Nullable Instance instance) {
        if (instance == null || (!instance.hasRuns() && fleet.mustStop(instance))) {
            return Outcome.done((instance == null ? id.toString() : instance.label()) + ": stopped");
        }
        return fleet.mustStop(instance)
                ? Outcome.pending(instance.label() + ": is being stopped")
                : Outcome.failed(1, instance.label() + ": was started again meanwhile", "");
    }

    /** @param reload a failure means that the run before was kept: exit code 6 */
    private Outcome up(Ticket.Goal goal, @Nullable Instance instance, boolean reload, long since) {
        if (instance == null || instance.leaving) {
            return Outcome.failed(4, goal.instance() + ": was removed meanwhile", "");
        }
        String label = instance.label();
        Run current = instance.current;
        boolean young = current != null && current.turn >= since;
        boolean fresh = goal.aim() != Ticket.Aim.UP;
        if (goal.aim() == Ticket.Aim.ROLLED && !fleet.mustStop(instance)) {
            if (current != null && instance.app.queued.contains(instance.id.index())) {
                return Outcome.pending(label + ": waits for the reload before to end");
            }
            if (instance.isReady() && young && (!instance.draining.isEmpty() || instance.settling)) {
                return Outcome.pending(label
                        + (instance.draining.isEmpty()
                                ? ": must stay well for a moment"
                                : ": its old run still drains"));
            }
        }
        if (instance.isReady() && current != null && (young || !fresh)) {
            return Outcome.done(label + ": ready, pid " + current.pid);
        }
        if (instance.completedTurn >= since && !instance.hasRuns()) {
            return Outcome.done(label + ": completed");
        }
        // A run from before the wish that dies while it is to be replaced is no failure of the wish; unless nothing
        // follows.
        boolean counts = !fresh || instance.gaveUp;
        boolean downForGood = instance.gaveUp && current == null;
        if (downForGood || instance.failedRunTurn >= since || (counts && instance.failureTurn >= since)) {
            return failed(instance, reload, since);
        }
        if (instance.isShed() && !fleet.shuttingDown) {
            return Outcome.failed(
                    5, label + ": shed: " + instance.app.shedWords, "it comes back when the host has memory again");
        }
        if (fleet.mustStop(instance)) {
            return Outcome.failed(1, label + ": was stopped meanwhile", "");
        }
        if (current == null) {
            Waiting.Reason reason = new Waiting(fleet, time).reason(instance);
            return reason.waits() && !reason.coming() && instance.draining.isEmpty()
                    ? Outcome.failed(1, label + ": " + reason.words(), "it starts as soon as that is ready")
                    : Outcome.pending(label + ": " + (reason.waits() ? reason.words() : "is being started"));
        }
        if (fresh && !young && !instance.needsReplacement()) {
            return instance.app.rolledBackTurn >= since
                    ? Outcome.failed(6, label + ": rolled back, it runs as before", "")
                    : Outcome.failed(
                            reload ? 6 : 1,
                            label + ": kept as it was, because another instance's replacement failed",
                            "");
        }
        for (Instance other : instance.app.instances.values()) {
            boolean bars = fresh && !young && other != instance && other.failureTurn >= since;
            if (bars && other.settling && !other.isReady()) {
                String first = other.id + " must be ready first: " + other.failure;
                return Outcome.failed(
                        1, label + ": kept as it was: " + first, "it is replaced as soon as that is ready");
            }
        }
        if (young && current.lateTold && !current.isReady()) {
            return Outcome.failed(
                    1,
                    label + ": was not ready within " + Words.time(Readiness.timeoutMillis(current.spec))
                            + ": it waits for " + Readiness.awaited(current),
                    "it goes on starting: bulkhead status " + instance.id.app());
        }
        return Outcome.pending(label + ": is being started");
    }

    private static Outcome failed(Instance instance, boolean reload, long since) {
        String text = instance.label() + ": " + instance.failure;
        if (instance.app.rolledBackTurn >= since) {
            return Outcome.failed(6, text + "; rolled back, it runs as before", "");
        }
        if (instance.current != null && instance.isReady()) {
            return Outcome.failed(reload ? 6 : 1, text + "; the run before it goes on", "");
        }
        String next = instance.gaveUp ? "; stays down" : instance.notBefore > 0 ? "; tried again" : "";
        String hint = instance.refusal.isPresent() ? instance.refusal.get().hint() : hintOfExit(instance);
        return Outcome.failed(instance.failureIsRefusal ? 5 : 1, text + next, hint);
    }

    private static String hintOfExit(Instance instance) {
        return instance.lastExit.isPresent() ? instance.lastExit.get().report().hint() : "";
    }
}
