package io.bulkhead.core;

import io.bulkhead.core.Ticket.Aim;
import io.bulkhead.core.Ticket.Goal;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Makes the apps what a specification says, as far as wishes go: {@link Pass} finds what is missing. */
final class Applies {

    private final Fleet fleet;
    private final Turn turn;
    private final Set<InstanceId> bootHolds;
    private final Chosen chosen;

    /** @param bootHolds what was held when the daemon started, for apps not seen yet; used up */
    Applies(Fleet fleet, Turn turn, Set<InstanceId> bootHolds) {
        this.fleet = fleet;
        this.turn = turn;
        this.bootHolds = bootHolds;
        this.chosen = new Chosen(fleet, turn);
    }

    Ticket apply(Event.ApplyWish wish) {
        Spec spec = scaled(wish);
        Difference difference = Difference.between(known(fleet), spec, wish.origin(), wish.only());
        if (wish.only().isPresent() && difference.changes().isEmpty()) {
            TreeSet<String> all = new TreeSet<>(fleet.apps.keySet());
            all.addAll(wish.spec().apps().keySet());
            String hint = Words.instead(wish.only().get(), all);
            return chosen.refuse(wish, 4, "no app " + wish.only().get() + ", neither in the file nor running", hint);
        }
        List<Goal> goals = new ArrayList<>();
        for (Difference.Change change : difference.changes()) {
            switch (change) {
                case Difference.Added added -> add(added, wish.origin());
                case Difference.Changed changed -> change(changed);
                case Difference.Removed removed -> {
                    App app = fleet.apps.get(removed.app());
                    if (app != null) {
                        chosen.remove(app);
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
                useUpScale(change.app());
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

    /** What a person wished under a former daemon holds until an apply under this one: its first only takes over. */
    private Spec scaled(Event.ApplyWish wish) {
        if (fleet.scales.isEmpty()) {
            return wish.spec();
        }
        Map<String, AppSpec> apps = new LinkedHashMap<>(wish.spec().apps());
        apps.replaceAll((name, app) -> {
            Integer count = fleet.scales.get(name);
            return count == null ? app : app.withInstances(count);
        });
        return wish.spec().with(apps);
    }

    private void useUpScale(String name) {
        App app = fleet.apps.get(name);
        boolean takenOver = fleet.scales.remove(name) != null;
        if (app != null && app.scaled && !takenOver) {
            turn.add(new Effect.ForgetScale(name));
        }
        if (app != null) {
            app.scaled = takenOver;
        }
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
                goals.add(new Goal(instance.id, instance.needsReplacement() ? Aim.ROLLED : Aim.UP));
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
        if (!app.hasRuns()) {
            HookGate.rollOut(app);
        }
        Instances.fit(app, fleet, turn, true, bootHolds);
        turn.add(new Effect.RememberApp(app.spec, origin));
        new Adopted(fleet, turn).recall(app);
        turn.tell(Tale.APP_ADDED, app, Map.of());
    }

    private void change(Difference.Changed changed) {
        App app = fleet.apps.get(changed.app());
        if (app == null) {
            return;
        }
        app.spec = changed.next();
        if (changed.newRun()) {
            HookGate.rollOut(app);
            new Rolls(fleet, turn).begin(app, Cause.APPLY, 0);
        }
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
                Chosen.want(instance, Cause.START);
            }
            if (instance.wanted && instance.current == null) {
                instance.calm();
            }
        }
        Instances.fit(app, fleet, turn, false, bootHolds);
    }
}
