package io.bulkhead.core;

import io.bulkhead.core.Ticket.Aim;
import io.bulkhead.core.Ticket.Goal;
import io.bulkhead.core.Ticket.Refused;
import io.bulkhead.spec.AppSpec.Replace;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Writes down what a person wishes. Nothing is started or stopped here: {@link Pass} finds what is missing. */
final class Wishes {

    private final Fleet fleet;
    private final Turn turn;
    private final Set<InstanceId> bootHolds;

    /** @param bootHolds what was held when the daemon started, for apps not seen yet; used up */
    Wishes(Fleet fleet, Turn turn, Set<InstanceId> bootHolds) {
        this.fleet = fleet;
        this.turn = turn;
        this.bootHolds = bootHolds;
    }

    Ticket take(Event.Wish wish) {
        if (fleet.shuttingDown && !(wish instanceof Event.ShutdownWish)) {
            return refuse(wish, 1, "the daemon is shutting down", "");
        }
        return switch (wish) {
            case Event.StartWish w -> start(w);
            case Event.StopWish w -> stop(w);
            case Event.RestartWish w -> restart(w);
            case Event.ReloadWish w -> refuse(w, 1, "reload is not available yet", "until then: restart");
            case Event.ScaleWish w -> refuse(w, 1, "scale is not available yet", "write instances and apply");
            case Event.DeleteWish w -> delete(w);
            case Event.ResetWish w -> reset(w);
            case Event.ApplyWish w -> apply(w);
            case Event.ShutdownWish w -> {
                fleet.shuttingDown = true;
                yield new Ticket(
                        w, turn.number, List.of(new Goal(new InstanceId("", -1), Aim.FINISHED)), Optional.empty());
            }
        };
    }

    private Ticket refuse(Event.Wish wish, int exitCode, String message, String hint) {
        return new Ticket(wish, turn.number, List.of(), Optional.of(new Refused(exitCode, message, hint)));
    }

    private Ticket ticket(Event.Wish wish, List<Instance> instances, Aim aim) {
        List<Goal> goals = new ArrayList<>();
        for (Instance instance : instances) {
            goals.add(new Goal(instance.id, aim));
        }
        return new Ticket(wish, turn.number, List.copyOf(goals), Optional.empty());
    }

    private List<Instance> select(Target target) {
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
    private Optional<Refused> missing(Target target) {
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

    private Ticket start(Event.StartWish wish) {
        Optional<Refused> missing = missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        List<Instance> chosen = select(wish.target());
        for (Instance instance : chosen) {
            release(instance);
            Shedding.insist(instance.app, fleet);
            want(instance, Cause.START);
        }
        for (Instance instance : chosen) {
            pullIn(instance.app);
        }
        return ticket(wish, chosen, Aim.UP);
    }

    private void release(Instance instance) {
        if (instance.held) {
            instance.held = false;
            turn.add(new Effect.RememberHold(instance.id, false));
        }
    }

    private static void want(Instance instance, Cause cause) {
        instance.wanted = true;
        if (instance.current == null && instance.replacement == null) {
            instance.completed = false;
            instance.nextCause = cause;
        }
        if (!instance.isReady()) {
            instance.calm();
        }
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
            for (Instance instance : needed.instances.values()) {
                if (!instance.held
                        && !instance.leaving
                        && !instance.completed
                        && (!instance.wanted || instance.gaveUp)) {
                    want(instance, Cause.START);
                }
            }
            pullIn(needed);
        }
    }

    private Ticket stop(Event.StopWish wish) {
        Optional<Refused> missing = missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        List<Instance> chosen = select(wish.target());
        for (Instance instance : chosen) {
            instance.wanted = false;
            instance.completed = false;
            instance.calm();
            if (!instance.held) {
                instance.held = true;
                turn.add(new Effect.RememberHold(instance.id, true));
            }
        }
        return ticket(wish, chosen, Aim.DOWN);
    }

    private Ticket restart(Event.RestartWish wish) {
        Optional<Refused> missing = missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        boolean all = wish.target().app().isEmpty();
        List<Instance> chosen = new ArrayList<>();
        for (Instance instance : select(wish.target())) {
            // `all` means what is meant to run: a stop holds until somebody starts that app by its name, and what was
            // shed
            // would make the host short again.
            if (all && (!instance.wanted || instance.app.shed)) {
                continue;
            }
            chosen.add(instance);
            release(instance);
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
        return ticket(wish, chosen, Aim.NEW);
    }

    private Ticket delete(Event.DeleteWish wish) {
        Optional<Refused> missing = missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        if (wish.target().instance().isPresent()) {
            return refuse(
                    wish,
                    2,
                    "delete takes a whole app",
                    "to have fewer instances, write a smaller `instances` and apply");
        }
        List<Instance> chosen = select(wish.target());
        for (App app : List.copyOf(fleet.apps.values())) {
            if (wish.target().app().isEmpty() || wish.target().app().get().equals(app.name)) {
                remove(app);
            }
        }
        return ticket(wish, chosen, Aim.GONE);
    }

    private void remove(App app) {
        app.leaving = true;
        turn.moved = true;
        for (Instance instance : app.instances.values()) {
            Instances.leave(instance, turn);
        }
    }

    private Ticket reset(Event.ResetWish wish) {
        Optional<Refused> missing = missing(wish.target());
        if (missing.isPresent()) {
            return new Ticket(wish, turn.number, List.of(), missing);
        }
        for (Instance instance : select(wish.target())) {
            instance.calm();
            instance.drains = DrainPolicy.CALM;
            instance.restarts = 0;
        }
        return new Ticket(wish, turn.number, List.of(), Optional.empty());
    }

    private Ticket apply(Event.ApplyWish wish) {
        Difference difference = Difference.between(known(fleet), wish.spec(), wish.origin(), wish.only());
        if (wish.only().isPresent() && difference.changes().isEmpty()) {
            TreeSet<String> all = new TreeSet<>(fleet.apps.keySet());
            all.addAll(wish.spec().apps().keySet());
            String hint = Words.instead(wish.only().get(), all);
            return refuse(wish, 4, "no app " + wish.only().get() + ", neither in the file nor running", hint);
        }
        List<Goal> goals = new ArrayList<>();
        for (Difference.Change change : difference.changes()) {
            switch (change) {
                case Difference.Added added -> add(added, wish.origin());
                case Difference.Changed changed -> change(changed);
                case Difference.Removed removed -> {
                    App app = fleet.apps.get(removed.app());
                    if (app != null) {
                        remove(app);
                        app.instances.values().forEach(instance -> goals.add(new Goal(instance.id, Aim.GONE)));
                    }
                }
                case Difference.Unchanged unchanged -> {
                    App app = fleet.apps.get(unchanged.app());
                    if (app != null) {
                        // An app that is known only by a run found alive has the rest of its instances still to come.
                        Instances.fit(app, fleet, turn, true, bootHolds);
                    }
                }
                case Difference.Foreign foreign -> {}
            }
            if (!(change instanceof Difference.Foreign)) {
                useUpHolds(change.app());
            }
        }
        fleet.reorder();
        for (Difference.Change change : difference.changes()) {
            App app = fleet.apps.get(change.app());
            if (app != null && (change instanceof Difference.Added || change instanceof Difference.Changed)) {
                goals(app, goals);
            }
        }
        return new Ticket(wish, turn.number, List.copyOf(goals), Optional.empty());
    }

    /** A daemon that died while it scaled the app down may have left the hold of an instance that is no more. */
    private void useUpHolds(String name) {
        App app = fleet.apps.get(name);
        for (Iterator<InstanceId> holds = bootHolds.iterator(); holds.hasNext(); ) {
            InstanceId id = holds.next();
            if (!id.app().equals(name)) {
                continue;
            }
            holds.remove();
            if (app != null && !app.instances.containsKey(id.index())) {
                turn.add(new Effect.RememberHold(id, false));
            }
        }
    }

    private static void goals(App app, List<Goal> goals) {
        for (Instance instance : app.instances.values()) {
            if (instance.leaving) {
                goals.add(new Goal(instance.id, Aim.GONE));
            } else if (instance.wanted) {
                goals.add(new Goal(instance.id, instance.needsReplacement() ? Aim.NEW : Aim.UP));
            }
        }
    }

    /** What {@link Difference} compares with; an app that is being deleted is as good as gone. */
    static Map<String, Difference.Known> known(Fleet fleet) {
        Map<String, Difference.Known> known = new LinkedHashMap<>();
        for (App app : fleet.apps.values()) {
            if (!app.leaving) {
                known.put(app.name, new Difference.Known(app.spec, app.origin));
            }
        }
        return known;
    }

    private void add(Difference.Added added, Origin origin) {
        App app = fleet.apps.get(added.app());
        if (app == null) {
            app = new App(added.next(), origin);
            fleet.apps.put(app.name, app);
        }
        // Or it is being deleted: then what still runs of it ends first, and it comes back as it is now.
        app.leaving = false;
        app.spec = added.next();
        app.settled = added.next();
        app.origin = origin;
        Instances.fit(app, fleet, turn, true, bootHolds);
        turn.add(new Effect.RememberApp(app.spec, origin));
        turn.tell(Tale.APP_ADDED, app, Map.of());
    }

    private void change(Difference.Changed changed) {
        App app = fleet.apps.get(changed.app());
        if (app == null) {
            return;
        }
        app.spec = changed.next();
        turn.add(new Effect.RememberApp(app.spec, app.origin));
        turn.tell(Tale.APP_CHANGED, app, Map.of("keys", String.join(",", changed.keys()), "new_run", changed.newRun()));
        for (Instance instance : app.instances.values()) {
            if (instance.leaving) {
                continue;
            }
            instance.keptRun = "";
            if (changed.keys().contains("memory") || changed.keys().contains("memory_drain")) {
                instance.drains = DrainPolicy.CALM;
            }
            boolean again = instance.completed && changed.newRun() && app.spec.autostart() && !app.startsOnSchedule();
            boolean startsNow = !changed.before().autostart() && app.spec.autostart() && !app.startsOnSchedule();
            if ((again || startsNow) && !instance.held) {
                want(instance, Cause.START);
            }
            if (instance.wanted && instance.current == null) {
                instance.calm();
            }
        }
        Instances.fit(app, fleet, turn, false, bootHolds);
    }
}
