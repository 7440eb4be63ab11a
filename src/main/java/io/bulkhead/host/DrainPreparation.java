package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import java.util.Optional;
import java.util.function.Consumer;

/** Gives {@link BeforeDrain} its time, and no more: a run above its drain mark goes on growing meanwhile. */
final class DrainPreparation {

    /** Time to prepare at the most, however slowly the run grows. */
    private static final long MOST_MILLIS = 15_000;

    /** Where the limit is nearer than this, nothing is prepared: the time that is left belongs to the stop. */
    private static final long LEAST_TO_LIMIT_MILLIS = 1_000;

    private final Loop loop;
    private final Runs runs;
    private final BeforeDrain before;
    private final DaemonLog log;
    private final Consumer<Event> outcome;

    DrainPreparation(Loop loop, Runs runs, BeforeDrain before, DaemonLog log, Consumer<Event> outcome) {
        this.loop = loop;
        this.runs = runs;
        this.before = before;
        this.log = log;
        this.outcome = outcome;
    }

    void prepare(Effect.PrepareDrain order) {
        Optional<LiveRun> run = runs.find(order.run());
        if (run.isEmpty() || run.get().phase != LiveRun.Phase.ALIVE || order.millisToLimit() < LEAST_TO_LIMIT_MILLIS) {
            outcome.accept(new Event.DrainPrepared(order.run()));
            return;
        }
        Once once = new Once(order.run());
        // A third of the time that is left: the stop needs some too, and the forecast may be wrong.
        long patience = Math.min(MOST_MILLIS, order.millisToLimit() / 3);
        Loop.Timer timer = loop.after(patience, () -> {
            if (once.done()) {
                log.warn(run.get().instance + ": what was to be done before its drain took more than " + patience
                        + " ms and is not waited for");
            }
        });
        before.prepare(run.get(), () -> {
            if (once.done()) {
                loop.cancel(timer);
            }
        });
    }

    /** Tells core the first time it is asked, and says whether this was it. */
    private final class Once {
        private final String run;
        private boolean told;

        Once(String run) {
            this.run = run;
        }

        boolean done() {
            if (told) {
                return false;
            }
            told = true;
            outcome.accept(new Event.DrainPrepared(run));
            return true;
        }
    }
}
