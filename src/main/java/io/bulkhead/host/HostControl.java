package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control;
import io.bulkhead.api.Surroundings;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceView;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Signals;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.History;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Answers what the daemon is asked: questions about state are put to the loop, and wishes answered when they came true. */
final class HostControl implements Control {

    /** How far back `show` looks for exits. */
    private static final int EVENTS_WITH_EXITS = 200;

    private static final int MOST_INSTANCES = 1_000;

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final FailedRuns failed;
    private final NodeProcesses nodes;
    private final StatusDocument status;
    private final MemoryDocument memory;
    private final ShowDocument show;
    private final LogAnswers logs;
    private final Applying applying;
    private final LookFirst looks;
    private final Scripts scripts;
    private final Chronicle chronicle;
    private final History history;
    private final Doctor doctor;
    private final Departure departure;
    private final Surroundings surroundings;

    HostControl(
            Loop loop,
            Supervision supervision,
            Runs runs,
            FailedRuns failed,
            NodeProcesses nodes,
            AppLogs appLogs,
            DaemonLog daemonLog,
            MemoryLedger ledger,
            Peaks peaks,
            Applying applying,
            LookFirst looks,
            Scripts scripts,
            Chronicle chronicle,
            History history,
            Doctor doctor,
            BootReport boot,
            Surroundings surroundings,
            Departure departure) {
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.failed = failed;
        this.nodes = nodes;
        this.status = new StatusDocument(runs, boot, applying::inForce, applying::file);
        this.memory = new MemoryDocument(runs, ledger, peaks, applying::inForce);
        this.show = new ShowDocument(status, memory, appLogs);
        this.logs = new LogAnswers(appLogs, daemonLog);
        this.applying = applying;
        this.looks = looks;
        this.scripts = scripts;
        this.chronicle = chronicle;
        this.history = history;
        this.doctor = doctor;
        this.departure = departure;
        this.surroundings = surroundings;
    }

    @Override
    public Map<String, @Nullable Object> status(String app) throws ApiException {
        return onLoop(this::apps, views -> status.of(asked(views, app)));
    }

    @Override
    public Map<String, @Nullable Object> memory(String app) throws ApiException {
        return onLoop(this::apps, views -> memory.of(views, asked(views, app)));
    }

    /** The app that was asked for, or all. */
    private List<AppView> asked(List<AppView> all, String app) throws ApiException {
        if (app.isEmpty()) {
            return all;
        }
        for (AppView view : all) {
            if (view.name().equals(app)) {
                return List.of(view);
            }
        }
        throw noSuchApp(app, supervision.supervisor().instead(app));
    }

    @Override
    public Map<String, @Nullable Object> show(String app) throws ApiException {
        record Shown(Map<String, @Nullable Object> document, NodeDocument node, AppSpec spec) {}
        Shown shown = onLoop(() -> supervision.supervisor().app(app), found -> {
            AppView view = found.orElseThrow(
                    () -> noSuchApp(app, supervision.supervisor().instead(app)));
            return new Shown(show.of(view, applying.file()), NodeDocument.of(view, runs, nodes), view.spec());
        });
        Map<String, @Nullable Object> document = shown.document();
        shown.node().addTo(document);
        ShowDocument.addEnvFiles(document, shown.spec());
        try {
            ShowDocument.addExits(document, history.events(-1, EVENTS_WITH_EXITS, app));
        } catch (IOException stuck) {
            // The last exit of each instance is there already; `doctor` and `status` tell of the disk.
        }
        return document;
    }

    @Override
    public CompletableFuture<Map<String, @Nullable Object>> act(
            String verb, String target, Map<String, @Nullable Object> options, Peer peer) {
        boolean wait = !Boolean.FALSE.equals(options.get("wait"));
        CompletableFuture<Map<String, @Nullable Object>> answer = new CompletableFuture<>();
        loop.post(() -> {
            try {
                begin(verb, target(target), options, peer, wait, answer);
            } catch (ApiException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    private void begin(
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
                LookFirst.startedBy(verb, target, chosen(target)),
                LookFirst.Overridden.in(options, peer),
                answer,
                deed);
    }

    /** What runs now, scaled as it is. */
    private Spec present() {
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        apps().forEach(app -> apps.put(app.name(), app.spec()));
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
        applying.tellRoom(apps().stream().map(AppView::spec).toList());
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
        for (AppView app : chosen(target)) {
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

    @Override
    public List<Map<String, @Nullable Object>> incidents(String app, int limit) throws ApiException {
        requireApp(app);
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        stored(() -> history.incidents(app, limit))
                .forEach(incident -> documents.add(new LinkedHashMap<>(incident.toMap())));
        return documents;
    }

    @Override
    public List<Map<String, @Nullable Object>> events(long afterSeq, int limit, String app) throws ApiException {
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        stored(() -> history.events(afterSeq, limit, app))
                .forEach(event -> documents.add(new LinkedHashMap<>(event.toMap())));
        return documents;
    }

    @Override
    public AutoCloseable follow(Consumer<Map<String, @Nullable Object>> listener) {
        return history.follow(event -> listener.accept(new LinkedHashMap<>(event.toMap())));
    }

    @Override
    public void logs(String target, Map<String, String> query, OutputStream out) throws IOException, ApiException {
        if (LogAnswers.on(query, "daemon")) {
            logs.writeDaemons(query, out);
        } else {
            logs.write(voices(target, LogAnswers.on(query, "err")), query, out);
        }
    }

    @Override
    public List<String> logPaths(String target) throws ApiException {
        return voices(target, false).stream()
                .map(voice -> voice.file().path().toString())
                .toList();
    }

    private List<LogAnswers.Voice> voices(String name, boolean errorsOnly) throws ApiException {
        Target target = target(name);
        List<LogAnswers.Voice> voices = logs.voices(onLoop(() -> chosen(target), views -> views), target, errorsOnly);
        if (voices.isEmpty() && target.app().isPresent()) {
            String app = target.app().get();
            throw onLoop(() -> supervision.supervisor().instead(app), hint -> noSuchApp(name, hint));
        }
        return voices;
    }

    @Override
    public Map<String, @Nullable Object> doctor() {
        return doctor.examine();
    }

    @Override
    public Surroundings surroundings() {
        return surroundings;
    }

    private void requireApp(String app) throws ApiException {
        if (!app.isEmpty()) {
            Optional<AppView> known = onLoop(() -> supervision.supervisor().app(app), view -> view);
            if (known.isEmpty() && stored(() -> history.incidents(app, 1)).isEmpty()) {
                throw onLoop(() -> supervision.supervisor().instead(app), hint -> noSuchApp(app, hint));
            }
        }
    }

    private interface Stored<T> {
        T read() throws IOException;
    }

    private static <T> T stored(Stored<T> question) throws ApiException {
        try {
            return question.read();
        } catch (IOException stuck) {
            throw new ApiException(
                    1, "history", String.valueOf(stuck.getMessage()), "is the disk of the state folder stuck?");
        }
    }

    private List<AppView> apps() {
        return supervision.supervisor().apps();
    }

    private List<AppView> chosen(Target target) {
        return target.app().isEmpty()
                ? apps()
                : supervision.supervisor().app(target.app().get()).map(List::of).orElse(List.of());
    }

    private static ApiException noSuchApp(String app, String hint) {
        return new ApiException(4, "no-such-app", "no app " + app, hint);
    }

    /** {@code all}, {@code api} or {@code api/2}. */
    private static Target target(String text) throws ApiException {
        if (text.isEmpty() || text.equals("all")) {
            return Target.ALL;
        }
        int slash = text.indexOf('/');
        if (slash < 0) {
            return new Target(Optional.of(text), OptionalInt.empty());
        }
        try {
            int index = Integer.parseInt(text.substring(slash + 1));
            return new Target(Optional.of(text.substring(0, slash)), OptionalInt.of(index));
        } catch (NumberFormatException e) {
            throw new ApiException(2, "bad-request", text + " names no instance", "write app/0, app/1 and so on");
        }
    }

    private interface Answer<Q, A> {
        A of(Q question) throws ApiException;
    }

    /** Reads the loop's state on the loop and makes the answer there too: nothing of it can change in between. */
    private <Q, A> A onLoop(Supplier<Q> question, Answer<Q, A> answer) throws ApiException {
        CompletableFuture<A> future = new CompletableFuture<>();
        loop.post(() -> {
            try {
                future.complete(answer.of(question.get()));
            } catch (ApiException | RuntimeException failed) {
                future.completeExceptionally(failed);
            }
        });
        try {
            return future.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException(1, "interrupted", "the daemon is ending", "");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
