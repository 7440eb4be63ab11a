package io.bulkhead.core;

import io.bulkhead.core.Ticket.Aim;
import io.bulkhead.core.Ticket.Goal;
import io.bulkhead.core.Ticket.Refused;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The instances that a person's wish names, and what all wishes do to them. */
record Chosen(Fleet fleet, Turn turn) {

    Ticket refuse(Event.Wish wish, int exitCode, String message, String hint) {
        return new Ticket(wish, turn.number, List.of(), Optional.of(new Refused(exitCode, message, hint)));
    }

    Ticket ticket(Event.Wish wish, List<Instance> instances, Aim aim) {
        List<Goal> goals = new ArrayList<>();
        for (Instance instance : instances) {
            goals.add(new Goal(instance.id, aim));
        }
        return new Ticket(wish, turn.number, List.copyOf(goals), Optional.empty());
    }

    List<Instance> select(Target target) {
        List<Instance> chosen = new ArrayList<>();
        for (Instance instance : fleet.inStartOrder()) {
            boolean meant = (target.app().isEmpty() || target.app().get().equals(instance.id.app()))
                    && (target.instance().isEmpty() || target.instance().getAsInt() == instance.id.index());
            if (meant && !instance.leaving) {
                chosen.add(instance);
            }
        }
        return chosen;
    }

    /** Empty when {@code target} names something that is there. */
    Optional<Refused> missing(Target target) {
        if (target.app().isEmpty()) {
            return Optional.empty();
        }
        App app = fleet.apps.get(target.app().get());
        if (app == null) {
            return Optional.of(new Refused(
                    4,
                    "no app " + target.app().get(),
                    Words.instead(target.app().get(), fleet.apps.keySet())));
        }
        if (app.leaving) {
            return Optional.of(
                    new Refused(4, app.name + " is being deleted", "wait until it is gone, then add it again"));
        }
        if (target.instance().isPresent()) {
            int index = target.instance().getAsInt();
            Instance instance = app.instances.get(index);
            if (instance == null || instance.leaving) {
                return Optional.of(new Refused(
                        4,
                        "no instance " + app.name + "/" + index,
                        app.name + " has " + Words.count(app.spec.instances(), "instance") + ", counted from 0"));
            }
        }
        return Optional.empty();
    }

    /** Lifts a hold. */
    void release(Instance instance) {
        if (instance.held) {
            instance.held = false;
            turn.add(new Effect.RememberHold(instance.id, false));
        }
    }

    /** It is to run, and to try at once. */
    static void want(Instance instance, Cause cause) {
        instance.wanted = true;
        if (instance.current == null && instance.replacement == null) {
            instance.completed = false;
            instance.nextCause = cause;
        }
        if (!instance.isReady()) {
            instance.calm();
        }
    }

    void remove(App app) {
        app.leaving = true;
        turn.moved = true;
        for (Instance instance : app.instances.values()) {
            Instances.leave(instance, turn);
        }
    }
}
