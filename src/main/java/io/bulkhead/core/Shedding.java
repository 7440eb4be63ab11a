package io.bulkhead.core;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Stops apps, one at a time, while the host is short of memory, and brings them back when it is well: {@link ShedPolicy} says
 * which and when. Who is shed stays wanted; a person's start brings it back at once, and it is then left alone until the shortage is over.
 */
final class Shedding {

    /** What is known of the host. */
    static final class Host {
        boolean isShort;
        /** Since when it is well again; meaningless while it is short. */
        long easySince = Long.MIN_VALUE;
        /** When an app was shed last, or had its last run ended for it, or came back. */
        long movedAt = Long.MIN_VALUE;
        /** The app that came back last. */
        String back = "";

        Map<String, Long> uses = Map.of();
        long available;
        String evidence = "";
    }

    private final Fleet fleet;
    private final Turn turn;
    private final Host host;

    Shedding(Fleet fleet, Turn turn) {
        this.fleet = fleet;
        this.turn = turn;
        this.host = fleet.host;
    }

    void hostShort(Event.HostShort event) {
        host.uses = event.bytesByApp();
        host.available = event.availableBytes();
        host.evidence = event.evidence();
        if (!host.isShort) {
            host.isShort = true;
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("available", event.availableBytes());
            fields.put("reason", event.evidence());
            fields.put("alert", true);
            turn.effects.add(new Effect.Tell(Tale.HOST_SHORT, "", -1, "", fields));
        }
        if (!fleet.shuttingDown && !underWay() && turn.time() - ShedPolicy.STEP_MILLIS >= host.movedAt) {
            ShedPolicy.victim(running()).ifPresent(this::shed);
        }
    }

    void hostEasy(Event.HostEasy event) {
        if (!host.isShort) {
            return;
        }
        host.isShort = false;
        host.easySince = turn.time();
        host.available = event.availableBytes();
        turn.moved = true;
        for (App app : fleet.apps.values()) {
            app.insistedOn = false;
        }
        turn.effects.add(new Effect.Tell(Tale.HOST_EASY, "", -1, "", Map.of("available", event.availableBytes())));
    }

    /** What time alone brings about: the next app comes back. */
    void bringBack() {
        if (host.isShort || turn.time() < nextBack() || comingUp()) {
            return;
        }
        Optional<App> best = Optional.empty();
        for (App app : fleet.apps.values()) {
            boolean first = best.isEmpty() || importance(app) > importance(best.get());
            if (app.shed && first && turn.time() >= backAt(app)) {
                best = Optional.of(app);
            }
        }
        best.ifPresent(this::comeBack);
    }

    /** When one may come back; {@code Long.MAX_VALUE} where nothing is shed or the host is short. Asked too early it does no harm. */
    long nextBack() {
        long next = Long.MAX_VALUE;
        if (!host.isShort && !fleet.shuttingDown) {
            for (App app : fleet.apps.values()) {
                if (app.shed) {
                    next = Math.min(next, backAt(app));
                }
            }
        }
        return next == Long.MAX_VALUE || host.back.isEmpty()
                ? next
                : Math.max(next, host.movedAt + ShedPolicy.STEP_MILLIS);
    }

    private long backAt(App app) {
        return host.easySince + ShedPolicy.holdMillis(app.sheds);
    }

    /** While the one before comes up, nobody knows what it will use. */
    boolean comingUp() {
        App back = fleet.apps.get(host.back);
        if (back == null) {
            return false;
        }
        for (Instance instance : back.instances.values()) {
            if (instance.current != null && instance.current.phase != Run.Phase.READY) {
                return true;
            }
        }
        return false;
    }

    /** A person wants it to run, whatever the host says. */
    static void insist(App app, Fleet fleet) {
        app.shed = false;
        app.sheds = 0;
        app.insistedOn = fleet.host.isShort;
    }

    private boolean underWay() {
        for (App app : fleet.apps.values()) {
            if (app.shed && app.hasRuns()) {
                host.movedAt = turn.time();
                return true;
            }
        }
        return false;
    }

    private List<ShedPolicy.Candidate> running() {
        List<ShedPolicy.Candidate> running = new ArrayList<>();
        for (App app : fleet.apps.values()) {
            boolean runs = false;
            for (Instance instance : app.instances.values()) {
                runs |= instance.current != null && !fleet.mustStop(instance);
            }
            if (runs) {
                long bytes = host.uses.getOrDefault(app.name, 0L);
                running.add(new ShedPolicy.Candidate(app.name, importance(app), bytes, app.insistedOn));
            }
        }
        return running;
    }

    /** What a more important app needs is as important as that. */
    private int importance(App app) {
        int importance = app.spec.priority();
        for (String name : fleet.order().dependents(app.name)) {
            App dependent = fleet.apps.get(name);
            if (dependent != null) {
                importance = Math.max(importance, dependent.spec.priority());
            }
        }
        return importance;
    }

    private void shed(ShedPolicy.Candidate victim) {
        App app = fleet.apps.get(victim.app());
        if (app == null) {
            return;
        }
        boolean soonAgain = app.sheds > 0 && turn.time() - app.shedAt < 2 * ShedPolicy.LONGEST_HOLD_MILLIS;
        app.sheds = soonAgain ? app.sheds + 1 : 1;
        app.shed = true;
        app.shedAt = turn.time();
        app.shedWords = "the host ran out of memory: " + host.evidence;
        host.movedAt = turn.time();
        turn.moved = true;
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("reason", app.shedWords);
        fields.put("available", host.available);
        fields.put("bytes", victim.bytes());
        fields.put("priority", app.spec.priority());
        fields.put("alert", true);
        turn.tell(Tale.SHED, app, fields);
    }

    private void comeBack(App app) {
        app.shed = false;
        host.movedAt = turn.time();
        host.back = app.name;
        turn.moved = true;
        for (Instance instance : app.instances.values()) {
            if (instance.wanted && !instance.hasRuns()) {
                instance.nextCause = Cause.START;
                instance.calm();
            }
        }
        turn.tell(Tale.UNSHED, app, Map.of());
    }
}
