package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.spec.HealthCheck;
import io.bulkhead.spec.Probe;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Checks the health of each run that has a {@code healthcheck}, from its start to its end, one check of a run at a time. Until the first one is well they
 * follow each other fast, so that readiness is seen soon; core is told of failures as often as {@code interval} says all the same. On the loop; a check itself runs elsewhere.
 */
final class HealthWatch {

    private static final long FIRST_GAP_MILLIS = 50;
    private static final long LONGEST_START_GAP_MILLIS = 1_000;

    private final Loop loop;
    private final Function<LiveRun, RunSockets> sockets;
    private final ExecProbes commands;
    private final Consumer<Event> outcome;
    private final Map<String, Watched> watched = new HashMap<>();

    /** @param sockets notes what is known of a run */
    HealthWatch(Loop loop, Function<LiveRun, RunSockets> sockets, ExecProbes commands, Consumer<Event> outcome) {
        this.loop = loop;
        this.sockets = sockets;
        this.commands = commands;
        this.outcome = outcome;
    }

    private static final class Watched {
        final LiveRun run;
        final HealthCheck check;
        final long since = Loop.now();
        Optional<Loop.Timer> next = Optional.empty();
        long gap = FIRST_GAP_MILLIS;
        long failureToldAt = since;
        boolean asking;
        boolean askAgain;
        boolean wasWell;
        boolean over;

        Watched(LiveRun run, HealthCheck check) {
            this.run = run;
            this.check = check;
        }

        boolean starting() {
            return !wasWell && Loop.now() - since < check.startTimeout().toMillis();
        }
    }

    /** Its program exists: started by us, or found. */
    void begun(LiveRun run) {
        run.app.health().ifPresent(check -> {
            Watched one = new Watched(run, check);
            watched.put(run.id, one);
            later(one, FIRST_GAP_MILLIS);
        });
    }

    void ended(String run) {
        Watched one = watched.remove(run);
        if (one != null) {
            one.over = true;
            one.next.ifPresent(loop::cancel);
            commands.end(run);
        }
    }

    /** Its app's specification has changed. */
    void updated(LiveRun run) {
        Watched one = watched.get(run.id);
        Optional<HealthCheck> before = Optional.ofNullable(one).map(each -> each.check);
        if (!before.equals(run.app.health())) {
            ended(run.id);
            run.health = Optional.empty();
            begun(run);
        }
    }

    /** Something has changed that a check may show: not only when the next one is due. */
    void soon(String run) {
        Watched one = watched.get(run);
        if (one == null) {
            return;
        }
        if (one.asking) {
            one.askAgain = true;
        } else {
            later(one, 0);
        }
    }

    private void later(Watched one, long millis) {
        one.next.ifPresent(loop::cancel);
        one.next = Optional.of(loop.after(millis, () -> ask(one)));
    }

    private void ask(Watched one) {
        if (one.run.phase != LiveRun.Phase.ALIVE || one.run.asked) {
            return; // it is ending: nobody asks any more how it is
        }
        one.asking = true;
        one.askAgain = false;
        long timeout = one.check.timeout().toMillis();
        switch (one.check.probe()) {
            case Probe.Http http -> {
                RunSockets where = sockets.apply(one.run);
                boolean served = one.wasWell;
                aside(one, () -> Probes.http(http, where, served, timeout));
            }
            case Probe.Tcp tcp
            when one.run.app.tunnel().isPresent() -> {
                boolean served = one.wasWell;
                aside(one, () -> TunnelProbe.ask(one.run.app.tunnel().orElseThrow(), served, timeout));
            }
            case Probe.Tcp tcp -> aside(one, () -> Probes.tcp(tcp, timeout));
            case Probe.Exec exec ->
                commands.ask(one.run, exec.command(), one.check.timeout(), answer -> heard(one, answer));
        }
    }

    private void aside(Watched one, java.util.function.Supplier<ProbeAnswer> probe) {
        Thread.ofVirtual().name("probe").start(() -> {
            ProbeAnswer answer;
            try {
                answer = probe.get();
            } catch (RuntimeException bug) {
                answer = ProbeAnswer.ill("an error in Bulkhead itself: " + bug);
            }
            ProbeAnswer told = answer;
            loop.post(() -> heard(one, told));
        });
    }

    private void heard(Watched one, ProbeAnswer answer) {
        if (one.over) {
            return;
        }
        one.asking = false;
        boolean starting = one.starting();
        one.wasWell |= answer.well();
        long wall = System.currentTimeMillis();
        one.run.health = Optional.of(one.run
                .health
                .map(before -> before.then(answer, wall))
                .orElse(new Health(answer.well(), answer.words(), wall, wall)));
        long interval = one.check.interval().toMillis();
        if (answer.well() || !starting || Loop.now() - one.failureToldAt >= interval) {
            one.failureToldAt = Loop.now();
            outcome.accept(new Event.Probed(one.run.id, answer.well(), answer.words()));
        }
        if (one.over) {
            return;
        }
        if (one.askAgain) {
            later(one, 0);
        } else if (one.starting()) {
            later(one, Math.min(one.gap, interval));
            one.gap = Math.min(one.gap * 3 / 2, LONGEST_START_GAP_MILLIS);
        } else {
            later(one, onTheSecond(interval));
        }
    }

    /** All that is done once in a while happens together, so that an idle daemon sleeps for the rest of each second. */
    private static long onTheSecond(long millis) {
        return millis < 1_000 ? millis : (Loop.now() + millis + 999) / 1_000 * 1_000 - Loop.now();
    }
}
