package io.bulkhead.core;

import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Decides everything: what happened or is wished goes in, what the host must do comes out. Holds all state of the apps; touches nothing
 * else, and knows no time but the one it is given. One thread owns it.
 *
 * <p>At the daemon's start: the constructor gets the remembered holds, then come all RunAdopted, InstanceRemembered and
 * RolloutRemembered, then an ApplyWish for each origin that any app has with the apps to run. Nothing is decided before the last of these.
 */
public final class Supervisor {

    private final Fleet fleet;
    private final Set<InstanceId> bootHolds;
    private long turns;
    private Now now = new Now(Long.MIN_VALUE, 0);
    private @Nullable Ticket ticket;
    /**
     * Nothing is decided while it is not all known: a run that was found next may be the replacement that the one before waits for, and of two runs
     * only the file says which has the specification that is to be.
     */
    private boolean adopting;

    /**
     * @param runPrefix begins every run id and must differ between the lives of the daemon; letters, digits and dashes
     * @param random for jitter
     * @param holds instances that a person stopped, as remembered
     */
    public Supervisor(String runPrefix, RandomGenerator random, Set<InstanceId> holds) {
        this(runPrefix, random, holds, CronTimes::read);
    }

    Supervisor(String runPrefix, RandomGenerator random, Set<InstanceId> holds, CronTimes cron) {
        this.fleet = new Fleet(runPrefix, random, cron);
        this.bootHolds = new HashSet<>(holds);
    }

    /** Takes in one event and says what must be done now, in order. */
    public List<Effect> handle(Event event, Now time) {
        now = new Now(Math.max(now.monotonicMillis(), time.monotonicMillis()), time.wallMillis());
        Turn turn = new Turn(now, ++turns);
        Facts facts = new Facts(fleet, turn);
        Drains drains = new Drains(fleet, turn);
        switch (event) {
            case Event.ClockTick tick -> {}
            case Event.RunStarted started -> facts.started(started);
            case Event.RunRefused refused -> facts.refused(refused);
            case Event.RunExited exited -> facts.exited(exited);
            case Event.ChildKilled killed -> new ChildKills(turn).killed(killed, fleet);
            case Event.RunAdopted adopted ->
                new Adopted(fleet, turn).run(adopted, bootHolds.contains(adopted.instance()));
            case Event.MemoryAboveMark above -> drains.above(above);
            case Event.MemoryBelowMark below -> drains.below(below);
            case Event.MemorySteady steady -> drains.steady(steady);
            case Event.DrainPrepared prepared -> drains.prepared(prepared);
            case Event.RunReady ready -> new Readiness(fleet, turn).said(ready.run());
            case Event.Probed probed -> new Unwell(fleet, turn).probed(probed);
            case Event.HookEnded ended -> new HookGate(fleet, turn).ended(ended);
            case Event.UnhealthyRecorded recorded -> new Unwell(fleet, turn).recorded(recorded.run());
            case Event.ExternalsAway away -> new Unwell(fleet, turn).away(away);
            case Event.InstanceRemembered remembered -> new Adopted(fleet, turn).instance(remembered);
            case Event.ScaleRemembered scaled -> fleet.scales.put(scaled.app(), scaled.instances());
            case Event.RolloutRemembered remembered -> new Adopted(fleet, turn).rollout(remembered);
            case Event.HostShort hostShort -> new Shedding(fleet, turn).hostShort(hostShort);
            case Event.HostEasy easy -> new Shedding(fleet, turn).hostEasy(easy);
            case Event.NoRoomForTwo none -> fleet.withoutSecond = none.apps();
            case Event.OpensItself serving -> facts.opensItself(serving.run());
            case Event.Wish wish -> ticket = new Wishes(fleet, turn, bootHolds).take(wish);
        }
        adopting = switch (event) {
            case Event.RunAdopted e -> true;
            case Event.InstanceRemembered e -> true;
            case Event.RolloutRemembered e -> true;
            case Event.ScaleRemembered e -> true;
            case Event.ApplyWish apply -> adopting && apply.only().isPresent();
            case Event.Wish other -> false;
            default -> adopting;
        };
        if (!adopting) {
            new Schedules(fleet, turn).run();
            new Pass(fleet, turn).run();
            new Memories(fleet, turn).write();
        }
        return turn.effects;
    }

    /** The same for a host whose wall clock is never set. */
    public List<Effect> handle(Event event, long nowMillis) {
        return handle(event, new Now(nowMillis, nowMillis));
    }

    /**
     * When to send the next ClockTick if nothing else happens before, in monotonic milliseconds; empty when time changes nothing. Asked
     * after every {@code handle}; may be in the past. Empty too while a wish must come first.
     */
    public OptionalLong nextDeadline() {
        long next = adopting ? Long.MAX_VALUE : new Deadlines(fleet, now).next();
        return next == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(next);
    }

    /** What the wish handled last was to bring about. */
    public Ticket ticket() {
        if (ticket == null) {
            throw new IllegalStateException("no wish has been handled");
        }
        return ticket;
    }

    /** How far a wish has come; asked after any {@code handle}. */
    public Outcome outcome(Ticket wished) {
        return new Outcomes(fleet, now.monotonicMillis()).of(wished);
    }

    /** What an apply would do now. Those who wish it to be done send ApplyWish. */
    public Difference difference(Spec spec, Origin origin, Optional<String> only) {
        return Difference.between(Applies.known(fleet), spec, origin, only);
    }

    /** Every app, in the order in which they are started. */
    public List<AppView> apps() {
        Views views = new Views(fleet, now);
        List<AppView> apps = new ArrayList<>();
        for (String name : fleet.order().startOrder()) {
            App app = fleet.apps.get(name);
            if (app != null) {
                apps.add(views.of(app));
            }
        }
        return apps;
    }

    /** A hint for somebody who named the app {@code name} that is not there. */
    public String instead(String name) {
        return Words.instead(name, fleet.apps.keySet());
    }

    public Optional<AppView> app(String name) {
        App app = fleet.apps.get(name);
        return app == null ? Optional.empty() : Optional.of(new Views(fleet, now).of(app));
    }
}
