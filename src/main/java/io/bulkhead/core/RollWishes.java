package io.bulkhead.core;

import io.bulkhead.core.Ticket.Aim;
import io.bulkhead.core.Ticket.Goal;
import io.bulkhead.core.Ticket.Refused;
import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** A person's wish to replace what runs without a gap, or to have more or fewer of it. */
record RollWishes(Fleet fleet, Turn turn) {

    private static final int MOST_INSTANCES = 1000;

    Ticket reload(Event.ReloadWish wish) {
        Chosen chosen = new Chosen(fleet, turn);
        Optional<Refused> missing = chosen.missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        boolean every = wish.target().app().isEmpty();
        List<Instance> all = new ArrayList<>();
        Map<App, List<Instance>> byApp = new LinkedHashMap<>();
        for (Instance instance : chosen.select(wish.target())) {
            // `all` means what is meant to run, as with a restart.
            if (every && (!instance.wanted || instance.app.shed || instance.app.isTunnel())) {
                continue;
            }
            all.add(instance);
            byApp.computeIfAbsent(instance.app, app -> new ArrayList<>()).add(instance);
        }
        for (Map.Entry<App, List<Instance>> app : byApp.entrySet()) {
            app.getValue().forEach(instance -> toRun(instance, chosen));
            new Rolls(fleet, turn).reload(app.getKey(), app.getValue(), every ? turn.number : 0);
        }
        return chosen.ticket(wish, all, Aim.ROLLED);
    }

    private void toRun(Instance instance, Chosen chosen) {
        chosen.release(instance);
        Shedding.insist(instance.app, fleet);
        boolean rests = !instance.hasRuns();
        instance.wanted = true;
        instance.completed = false;
        instance.calm();
        instance.drains = DrainPolicy.CALM;
        if (instance.current == null) {
            instance.nextCause = rests ? Cause.START : Cause.RELOAD;
        }
    }

    Ticket scale(Event.ScaleWish wish) {
        Chosen chosen = new Chosen(fleet, turn);
        Optional<Refused> missing = chosen.missing(new Target(Optional.of(wish.app()), OptionalInt.empty()));
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        if (wish.instances() < 0 || wish.instances() > MOST_INSTANCES) {
            return chosen.refuse(
                    wish, 2, "an app has 0 to " + MOST_INSTANCES + " instances, not " + wish.instances(), "");
        }
        App app = fleet.apps.get(wish.app());
        List<Goal> goals = new ArrayList<>();
        if (app != null) {
            scale(app, wish.instances());
            for (Instance instance : app.instances.values()) {
                if (instance.leaving) {
                    goals.add(new Goal(instance.id, Aim.GONE));
                } else if (instance.wanted) {
                    goals.add(new Goal(instance.id, Aim.UP));
                }
            }
        }
        return new Ticket(wish, turn.number, List.copyOf(goals), Optional.empty());
    }

    private void scale(App app, int count) {
        int before = app.spec.instances();
        if (before == count) {
            return;
        }
        boolean same = app.settled == app.spec;
        AppSpec former = app.settled.withInstances(count);
        app.spec = app.spec.withInstances(count);
        app.settled = same ? app.spec : former;
        if (app.roll != null) {
            app.roll.former = app.roll.former.withInstances(count);
        }
        Instances.fit(app, fleet, turn, false);
        if (before == 0) {
            for (Instance instance : app.instances.values()) {
                instance.wanted |= !instance.held && !app.startsOnSchedule();
            }
        }
        app.scaled = true;
        turn.add(new Effect.RememberApp(app.spec, app.origin));
        turn.add(new Effect.RememberScale(app.name, count));
        turn.tell(Tale.SCALED, app, Map.of("instances", count, "before", before));
    }
}
