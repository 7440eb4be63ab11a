package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.core.Tale;
import io.bulkhead.spec.AppSpec.Command;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * Runs the commands under {@code hooks:}. How each went is told as an event; those that something waits for are answered to core besides. On the loop.
 */
final class Hooks {

    /** One that runs. */
    private static final class Live {
        final Effect.RunHook order;
        final String errand;
        boolean skippedTold;

        Live(Effect.RunHook order, String errand) {
            this.order = order;
            this.errand = errand;
        }
    }

    private final Errands errands;
    private final Chronicle chronicle;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private final List<Live> running = new ArrayList<>();
    /** So that no two daemons name an errand alike. */
    private final String prefix = Long.toString(System.currentTimeMillis(), 36);

    Hooks(Errands errands, Chronicle chronicle, DaemonLog log, Consumer<Event> outcome) {
        this.errands = errands;
        this.chronicle = chronicle;
        this.log = log;
        this.outcome = outcome;
    }

    /** Starts it; one that nothing waits for not while the same of the instance still runs: a crash loop must not pile them up. */
    void run(Effect.RunHook order) {
        if (!order.awaited() && skipped(order)) {
            return;
        }
        Live hook = new Live(order, (order.run().isEmpty() ? prefix : order.run()) + ".h" + order.id());
        running.add(hook);
        Command command =
                Objects.requireNonNull(order.app().hooks().commands().get(order.hook()), "an order for a hook it has");
        Map<String, String> facts = new LinkedHashMap<>(order.facts());
        facts.put("BULKHEAD_HOOK", order.hook().word());
        errands.start(
                new Errands.Order(
                        hook.errand,
                        "[" + order.hook().word() + "] ",
                        order.instance(),
                        order.app(),
                        command,
                        facts,
                        order.timeout()),
                ended -> ended(hook, ended));
    }

    /** Nobody waits for it any more. */
    void end(Effect.EndHook order) {
        for (Live hook : List.copyOf(running)) {
            if (hook.order.id() == order.id()) {
                errands.end(hook.errand, "ended because nothing waits for it any more");
            }
        }
    }

    private boolean skipped(Effect.RunHook order) {
        for (Live other : running) {
            if (other.order.hook() == order.hook() && other.order.instance().equals(order.instance())) {
                if (!other.skippedTold) {
                    other.skippedTold = true;
                    failed(order, "not run again: the one before still runs", "", List.of());
                }
                return true;
            }
        }
        return false;
    }

    private void ended(Live hook, Errands.Ended ended) {
        Effect.RunHook order = hook.order;
        running.remove(hook);
        if (ended.well()) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("hook", order.hook().word());
            fields.put("seconds", ended.millis() / 1000.0);
            chronicle.tell(Tale.HOOK_DONE, order.instance(), order.run(), fields);
        } else {
            failed(order, ended.trouble(), ended.hint(), ended.lines());
        }
        if (order.awaited()) {
            outcome.accept(new Event.HookEnded(order.id(), ended.well(), ended.words()));
        }
    }

    private void failed(Effect.RunHook order, String reason, String hint, List<String> lines) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("hook", order.hook().word());
        fields.put("reason", reason);
        if (!hint.isEmpty()) {
            fields.put("hint", hint);
        }
        if (!lines.isEmpty()) {
            fields.put("lines", lines);
        }
        chronicle.tell(Tale.HOOK_FAILED, order.instance(), order.run(), fields);
        log.warn(order.instance() + ": " + order.hook().word() + ": " + reason);
    }
}
