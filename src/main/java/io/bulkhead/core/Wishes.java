package io.bulkhead.core;

import io.bulkhead.core.Ticket.Aim;
import io.bulkhead.core.Ticket.Goal;
import io.bulkhead.core.Ticket.Refused;
import io.bulkhead.spec.AppSpec.Replace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Writes down what a person wishes. Nothing is started or stopped here: {@link Pass} finds what is missing. */
final class Wishes {

    private final Fleet fleet;
    private final Turn turn;
    private final Set<InstanceId> bootHolds;
    private final Chosen chosen;

    /** @param bootHolds what was held when the daemon started, for apps not seen yet; used up */
    Wishes(Fleet fleet, Turn turn, Set<InstanceId> bootHolds) {
        this.fleet = fleet;
        this.turn = turn;
        this.bootHolds = bootHolds;
        this.chosen = new Chosen(fleet, turn);
    }

    Ticket take(Event.Wish wish) {
        if (fleet.shuttingDown && !(wish instanceof Event.ShutdownWish)) {
            return chosen.refuse(wish, 1, "the daemon is shutting down", "");
        }
        return switch (wish) {
            case Event.StartWish w -> start(w);
            case Event.StopWish w -> stop(w);
            case Event.RestartWish w -> restart(w);
            case Event.ReloadWish w -> new RollWishes(fleet, turn).reload(w);
            case Event.ScaleWish w -> new RollWishes(fleet, turn).scale(w);
            case Event.DeleteWish w -> delete(w);
            case Event.ResetWish w -> reset(w);
            case Event.ApplyWish w -> new Applies(fleet, turn, bootHolds).apply(w);
            case Event.ShutdownWish w -> {
                fleet.shuttingDown = true;
                yield new Ticket(
                        w, turn.number, List.of(new Goal(new InstanceId("", -1), Aim.FINISHED)), Optional.empty());
            }
        };
    }

    private Ticket start(Event.StartWish wish) {
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        List<Instance> all = chosen.select(wish.target());
        for (Instance instance : all) {
            chosen.release(instance);
            Shedding.insist(instance.app, fleet);
            if (!instance.app.hasRuns()) {
                HookGate.rollOut(instance.app);
            }
            Chosen.want(instance, Cause.START);
        }
        for (Instance instance : all) {
            pullIn(instance.app);
        }
        return chosen.ticket(wish, all, Aim.UP);
    }

    /** As systemd and Compose do: what it depends on is started too, unless a person stopped it, or it ran to its end. */
    private void pullIn(App app) {
        for (String name : fleet.order().dependencies(app.name)) {
            App needed = fleet.apps.get(name);
            if (needed == null || needed.leaving || needed.startsOnSchedule()) {
                continue;
            }
            if (needed.shed) {
                Shedding.insist(needed, fleet);
            }
            if (!needed.hasRuns()) {
                HookGate.rollOut(needed);
            }
            for (Instance instance : needed.instances.values()) {
                if (!instance.held
                        && !instance.leaving
                        && !instance.completed
                        && (!instance.wanted || instance.gaveUp)) {
                    Chosen.want(instance, Cause.START);
                }
            }
            pullIn(needed);
        }
    }

    private Ticket stop(Event.StopWish wish) {
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        List<Instance> all = chosen.select(wish.target());
        for (Instance instance : all) {
            instance.wanted = false;
            instance.completed = false;
            instance.calm();
            if (!instance.held) {
                instance.held = true;
                turn.add(new Effect.RememberHold(instance.id, true));
            }
        }
        return chosen.ticket(wish, all, Aim.DOWN);
    }

    private Ticket restart(Event.RestartWish wish) {
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        boolean every = wish.target().app().isEmpty();
        List<Instance> all = new ArrayList<>();
        for (Instance instance : chosen.select(wish.target())) {
            // `all` means what is meant to run: a stop holds until somebody starts that app by its name, and what was
            // shed
            // would make the host short again.
            if (every && (!instance.wanted || instance.app.shed || instance.app.isTunnel())) {
                continue;
            }
            all.add(instance);
            chosen.release(instance);
            Shedding.insist(instance.app, fleet);
            boolean rests = !instance.hasRuns();
            instance.wanted = true;
            instance.completed = false;
            instance.keptRun = "";
            instance.calm();
            instance.drains = DrainPolicy.CALM;
            if (instance.replacement != null) {
                Pass.end(instance.replacement, Run.Ending.ABANDON, turn);
            }
            if (instance.current != null) {
                boolean atOnce = instance.app.spec.replace() == Replace.STOP_FIRST
                        || instance.current.spec.replace() == Replace.STOP_FIRST;
                instance.replacing = new Instance.Replacing(Cause.RESTART, atOnce);
            } else {
                instance.nextCause = rests ? Cause.START : Cause.RESTART;
            }
        }
        return chosen.ticket(wish, all, Aim.NEW);
    }

    private Ticket delete(Event.DeleteWish wish) {
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        if (wish.target().instance().isPresent()) {
            return chosen.refuse(
                    wish,
                    2,
                    "delete takes a whole app",
                    "to have fewer instances, write a smaller `instances` and apply");
        }
        List<Instance> all = chosen.select(wish.target());
        for (App app : List.copyOf(fleet.apps.values())) {
            if (wish.target().app().isEmpty() || wish.target().app().get().equals(app.name)) {
                chosen.remove(app);
            }
        }
        return chosen.ticket(wish, all, Aim.GONE);
    }

    private Ticket reset(Event.ResetWish wish) {
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        for (Instance instance : chosen.select(wish.target())) {
            instance.calm();
            instance.drains = DrainPolicy.CALM;
            instance.restarts = 0;
        }
        return new Ticket(wish, turn.number, List.of(), Optional.empty());
    }
}
