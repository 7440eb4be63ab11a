package io.bulkhead.core;

import io.bulkhead.spec.AppSpec.Replace;
import java.util.Map;
import java.util.Optional;

/** How a run gives way to the next one of its instance: whose turn it is, beside it or after it, and when the new one is good enough. */
final class Replacements {

    private final Fleet fleet;
    private final Turn turn;
    private final Pass pass;
    private final Waiting waiting;
    private final Drains drains;
    private final Unwell unwell;
    private final HookGate hooks;

    Replacements(Fleet fleet, Turn turn, Pass pass) {
        this.fleet = fleet;
        this.turn = turn;
        this.pass = pass;
        this.waiting = new Waiting(fleet, turn.time());
        this.drains = new Drains(fleet, turn);
        this.unwell = new Unwell(fleet, turn);
        this.hooks = new HookGate(fleet, turn);
    }

    /** The replacement serves from now on. */
    void promote(Instance instance, Run replacement) {
        instance.current = replacement;
        instance.replacement = null;
        instance.replacing = null;
        instance.keptRun = "";
        turn.moved = true;
        new Readiness(fleet, turn).admit(replacement);
    }

    /** Decides for an instance that runs and is to stay: whether it is replaced, and how far that is. */
    void attend(Instance instance, Run current) {
        drains.judge(current);
        unwell.judge(current);
        if (instance.replacement != null) {
            follow(instance, current, instance.replacement);
        } else if (instance.needsReplacement() && hasTurn(instance)) {
            replace(instance, current);
        }
    }

    private void follow(Instance instance, Run current, Run replacement) {
        long steadyAt = Readiness.steadyAt(replacement);
        if (!instance.needsReplacement() || replacement.isNo(instance.app.spec)) {
            Pass.end(replacement, Run.Ending.ABANDON, turn);
        } else if (mayEnd(current) && (turn.time() >= steadyAt || cannotWait(current, replacement))) {
            new Readiness(fleet, turn).admit(replacement);
            Run.Ending ending = ending(instance, current);
            Pass.end(current, ending, turn);
            promote(instance, replacement);
        } else if (steadyAt == Long.MAX_VALUE && replacement.exists()) {
            giveUp(replacement);
        }
    }

    /** One that is unhealthy, or not ready in time, will not take over. */
    private void giveUp(Run replacement) {
        boolean late = turn.time() >= Readiness.lateAt(replacement);
        if (!late && !replacement.unhealthy) {
            return;
        }
        String words = replacement.unhealthy
                ? "turned unhealthy: " + replacement.trouble
                : "was not ready within " + Words.time(Readiness.timeoutMillis(replacement.spec)) + ": it waited for "
                        + Readiness.awaited(replacement);
        replacement.trouble = words;
        Pass.end(replacement, Run.Ending.FAILED, turn);
        new Rolls(fleet, turn).replacementFailed(replacement, words, false);
    }

    /** What is drained is asked to stop when all is done that must come before. */
    private static boolean mayEnd(Run run) {
        return !run.recording && (run.drain != Run.Drain.PREPARING || !drained(run.instance));
    }

    private static boolean drained(Instance instance) {
        return instance.replacing != null && instance.replacing.cause() == Cause.DRAIN;
    }

    private static Run.Ending ending(Instance instance, Run run) {
        if (drained(instance) && run.drain != Run.Drain.NONE) {
            return Run.Ending.DRAIN;
        }
        boolean unhealthy = instance.replacing != null && instance.replacing.cause() == Cause.UNHEALTHY;
        return unhealthy ? Run.Ending.UNHEALTHY : Run.Ending.REPLACE;
    }

    /** At the present pace it would be killed at its limit before its replacement is ready. */
    private boolean cannotWait(Run run, Run replacement) {
        long readyAt = replacement.readyAt(replacement.exists() ? replacement.startedAt : turn.time());
        return drained(run.instance)
                && run.above(MemoryLevel.LAST_CHANCE)
                && run.mark.orElseThrow().millisToLimit() < readyAt - turn.time();
    }

    /**
     * One instance of an app after the other, each when the one before is ready and its old run gone. Only a person's restart of a
     * stop-first app takes all at once, as supervisorctl and Compose do: there every instance pauses anyway, and whoever
     * waits for ten workers that each finish a job wants to wait for the slowest, not for the sum.
     */
    private boolean hasTurn(Instance instance) {
        Run current = instance.current;
        if (instance.replacing != null
                && instance.replacing.atOnce()
                && current != null
                && !beside(instance, current)) {
            return true;
        }
        if (drained(instance) && current != null && current.above(MemoryLevel.LAST_CHANCE)) {
            return true;
        }
        if (new Rolls(fleet, turn).waitsForOthers(instance.app)) {
            return false;
        }
        for (Instance other : instance.app.instances.values()) {
            if (other != instance && waiting.takesTurn(other)) {
                return false;
            }
        }
        return true;
    }

    /** Two runs stand side by side only where both were written to. */
    static boolean beside(Instance instance, Run run) {
        return startFirst(instance, run) && !run.alone && !run.opensItself;
    }

    static boolean startFirst(Instance instance, Run run) {
        return instance.app.spec.replace() == Replace.START_FIRST && run.spec.replace() == Replace.START_FIRST;
    }

    private void replace(Instance instance, Run current) {
        Cause cause = instance.awaitedCause();
        if (startFirst(instance, current) && !current.alone) {
            if (current.opensItself) {
                stopFirst(instance, current, "the program opens its address itself, which two cannot at once");
            } else if (fleet.withoutSecond.contains(instance.app.name)) {
                stopFirst(
                        instance,
                        current,
                        "memory for two generations does not fit beside the limits of all other apps");
            }
        }
        if (beside(instance, current) && current.isReady()) {
            if (instance.draining.isEmpty() && hooks.open(instance, cause)) {
                instance.replacement = pass.start(instance, cause, Optional.of(current));
            }
            return;
        }
        // What runs and is not ready yet was rolled out a moment ago: it is given its time.
        boolean young = instance.settling && current.cause.rollsOut() && turn.time() < Readiness.lateAt(current);
        if (cause == Cause.RELOAD && young && !current.isReady()) {
            return;
        }
        if (mayEnd(current) && hooks.open(instance, cause)) {
            instance.nextCause = cause;
            instance.settling = true;
            Pass.end(current, ending(instance, current), turn);
        }
    }

    private void stopFirst(Instance instance, Run current, String reason) {
        current.alone = true;
        turn.tell(Tale.STOP_FIRST, instance, current.id, Map.of("reason", reason));
    }
}
