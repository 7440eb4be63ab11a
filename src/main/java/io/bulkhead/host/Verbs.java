package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control.Peer;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Signals;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What people order: each verb becomes a wish to core, after the checks it needs, and is answered when it has come true or failed. */
final class Verbs {

    private static final int MOST_INSTANCES = 1_000;

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final FailedRuns failed;
    private final Applying applying;
    private final LookFirst looks;
    private final Scripts scripts;
    private final Chronicle chronicle;
    private final Departure departure;

    Verbs(
            Loop loop,
            Supervision supervision,
            Runs runs,
            FailedRuns failed,
            Applying applying,
            LookFirst looks,
            Scripts scripts,
            Chronicle chronicle,
            Departure departure) {
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.failed = failed;
        this.applying = applying;
        this.looks = looks;
        this.scripts = scripts;
        this.chronicle = chronicle;
        this.departure = departure;
    }

    /** Begins what {@code verb} means; {@code answer} is completed when it is done, or refused. On the loop. */
    void begin(
            String verb,
            Target target,
            Map<String, @Nullable Object> options,
            Peer peer,
            boolean wait,
            CompletableFuture<Map<String, @Nullable Object>> answer)
            throws ApiException {
        if (!verb.equals("apply") && !verb.equals("scripts")) {
            chronicle.commanded(verb, target, peer);
        }
        switch (verb) {
            case "start" ->
                lookFirst(verb, target, options, peer, answer, then -> wish(new Event.StartWish(target), wait, then));
            case "stop" -> wish(new Event.StopWish(target), wait, answer);
            case "restart" ->
                lookFirst(
                        verb,
                        target,
                        options,
                        peer,
                        answer,
                        then -> replace(new Event.RestartWish(target), wait, then));
            case "reload" ->
                lookFirst(
                        verb, target, options, peer, answer, then -> replace(new Event.ReloadWish(target), wait, then));
            case "scale" -> wish(new Event.ScaleWish(whole(target), instances(options)), wait, answer);
            case "delete" -> wish(new Event.DeleteWish(target), wait, answer);
            case "reset" -> wish(new Event.ResetWish(target), wait, answer);
            case "signal" -> answer.complete(signal(target, String.valueOf(options.get("signal"))));
            case "scripts" -> scripts.start(options, peer, wait, explained(answer));
            case "apply" -> applying.apply(options, peer, wait, explained(answer));
            case "shutdown" -> shutdown(options, wait, answer);
            default -> throw new ApiException(2, "bad-request", "there is no verb " + verb, "");
        }
    }

    private void lookFirst(
            String verb,
            Target target,
            Map<String, @Nullable Object> options,
            Peer peer,
            CompletableFuture<Map<String, @Nullable Object>> answer,
            Consumer<CompletableFuture<Map<String, @Nullable Object>>> deed) {
        looks.before(
                verb,
                present(),
                LookFirst.startedBy(verb, target, supervision.chosen(target)),
                LookFirst.Overridden.in(options, peer),
                answer,
                deed);
    }

    /** What runs now, scaled as it is. */
    private Spec present() {
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        supervision.supervisor().apps().forEach(app -> apps.put(app.name(), app.spec()));
        return applying.inForce().with(apps);
    }

    private void wish(Event.Wish wish, boolean wait, CompletableFuture<Map<String, @Nullable Object>> answer) {
        long began = Loop.now();
        CompletableFuture<Outcome> outcome = supervision.wish(wish, wait);
        // A hold must be on disk before anybody is told that it holds.
        outcome.thenAcceptBoth(chronicle.remembered(), (came, saved) -> complete(answer, answer(came), began));
    }

    /** Restart and reload read env files again, but not bulkhead.yaml: where that has changed, it is said. */
    private void replace(Event.Wish wish, boolean wait, CompletableFuture<Map<String, @Nullable Object>> answer) {
        applying.tellRoom(
                supervision.supervisor().apps().stream().map(AppView::spec).toList());
        long began = Loop.now();
        CompletableFuture<Outcome> outcome = supervision.wish(wish, wait);
        outcome.thenAcceptBoth(applying.notApplied(), (came, unapplied) -> {
            Map<String, @Nullable Object> document = answer(came);
            if (!unapplied.isEmpty()) {
                document.put("message", document.get("message") + "\n" + unapplied);
            }
            complete(answer, document, began);
        });
    }

    /** What answers {@code answer}, where it tells of a failure with the last words of what failed from now on. */
    private CompletableFuture<Map<String, @Nullable Object>> explained(
            CompletableFuture<Map<String, @Nullable Object>> answer) {
        long began = Loop.now();
        CompletableFuture<Map<String, @Nullable Object>> done = new CompletableFuture<>();
        done.whenComplete((Map<String, @Nullable Object> document, Throwable refused) -> {
            if (refused != null) {
                answer.completeExceptionally(refused);
            } else {
                complete(answer, document, began);
            }
        });
        return done;
    }

    /** Where it failed, with what the runs said last that failed since {@code began}. */
    private void complete(
            CompletableFuture<Map<String, @Nullable Object>> answer,
            Map<String, @Nullable Object> document,
            long began) {
        if (Boolean.TRUE.equals(document.get("ok"))) {
            answer.complete(document);
            return;
        }
        loop.post(() -> failed.lastWords(began).thenAccept(words -> {
            document.put("failed", words);
            answer.complete(document);
        }));
    }

    private static String whole(Target target) throws ApiException {
        if (target.app().isEmpty() || target.instance().isPresent()) {
            throw new ApiException(2, "bad-request", "scale wants one whole app", "bulkhead scale APP N");
        }
        return target.app().get();
    }

    private static int instances(Map<String, @Nullable Object> options) throws ApiException {
        if (options.get("instances") instanceof Number number
                && number.doubleValue() == number.intValue()
                && number.intValue() >= 0
                && number.intValue() <= MOST_INSTANCES) {
            return number.intValue();
        }
        throw new ApiException(
                2,
                "bad-request",
                "instances must be a whole number from 0 to " + MOST_INSTANCES,
                "bulkhead scale APP N");
    }

    private void shutdown(
            Map<String, @Nullable Object> options,
            boolean wait,
            CompletableFuture<Map<String, @Nullable Object>> answer)
            throws ApiException {
        if (Boolean.TRUE.equals(options.get("keepApps"))) {
            departure.leave(options.get("replacedBy") instanceof Number heir ? heir.intValue() : 0);
            answer.complete(answer(true, 0, "the daemon ends, the apps go on", ""));
        } else {
            departure
                    .stopAll(wait)
                    .thenAcceptBoth(chronicle.remembered(), (came, saved) -> answer.complete(answer(came)));
        }
    }

    private Map<String, @Nullable Object> signal(Target target, String name) throws ApiException {
        int signal = Signals.parse(name)
                .found()
                .orElseThrow(
                        () -> new ApiException(2, "bad-signal", name + " is no signal", "such as HUP, USR1, TERM"));
        List<String> reached = new ArrayList<>();
        for (AppView app : supervision.chosen(target)) {
            for (InstanceView instance : app.instances()) {
                if (target.instance().isEmpty()
                        || target.instance().getAsInt() == instance.id().index()) {
                    instance.run()
                            .flatMap(runs::find)
                            .filter(run -> run.phase == LiveRun.Phase.ALIVE && runs.signalProgram(run, signal))
                            .ifPresent(run -> reached.add(instance.id().toString()));
                }
            }
        }
        return reached.isEmpty()
                ? answer(false, 1, "nothing runs that could get " + Signals.name(signal), "bulkhead status")
                : answer(true, 0, Signals.name(signal) + " sent to " + String.join(", ", reached), "");
    }

    static Map<String, @Nullable Object> answer(Outcome outcome) {
        boolean ok = outcome.state() != Outcome.State.FAILED;
        return answer(ok, outcome.exitCode(), outcome.message(), outcome.hint());
    }

    static Map<String, @Nullable Object> answer(boolean ok, int exitCode, String message, String hint) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("ok", ok);
        document.put("message", message);
        document.put("exitCode", exitCode);
        if (!ok) {
            Map<String, @Nullable Object> error = new LinkedHashMap<>();
            error.put("code", exitCode == 4 ? "no-such-app" : exitCode == 5 ? "refused" : "failed");
            error.put("message", message);
            error.put("hint", hint);
            document.put("error", error);
        }
        return document;
    }
}
