package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control;
import io.bulkhead.api.Surroundings;
import io.bulkhead.api.Tunnels;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
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

    /** How far back `doctor` looks for incidents that are not over. */
    private static final int OPEN_INCIDENTS = 100;

    private final Loop loop;
    private final Supervision supervision;
    private final Runs runs;
    private final Verbs verbs;
    private final NodeProcesses nodes;
    private final StatusDocument status;
    private final MemoryDocument memory;
    private final ShowDocument show;
    private final LogAnswers logs;
    private final Applying applying;
    private final History history;
    private final Doctor doctor;
    private final Surroundings surroundings;
    private final Tunnels tunnels;

    HostControl(
            Loop loop,
            Supervision supervision,
            Runs runs,
            Verbs verbs,
            NodeProcesses nodes,
            AppLogs appLogs,
            DaemonLog daemonLog,
            MemoryLedger ledger,
            Peaks peaks,
            Applying applying,
            History history,
            Doctor doctor,
            BootReport boot,
            EnvDrift drift,
            FdWatch descriptors,
            Surroundings surroundings,
            Tunnels tunnels) {
        this.loop = loop;
        this.supervision = supervision;
        this.runs = runs;
        this.verbs = verbs;
        this.nodes = nodes;
        this.status = new StatusDocument(runs, boot, applying::inForce, applying::file, drift::names, descriptors::of);
        this.memory = new MemoryDocument(runs, ledger, peaks, applying::inForce);
        this.show = new ShowDocument(status, memory, appLogs);
        this.logs = new LogAnswers(appLogs, daemonLog);
        this.applying = applying;
        this.history = history;
        this.doctor = doctor;
        this.surroundings = surroundings;
        this.tunnels = tunnels;
    }

    @Override
    public Map<String, @Nullable Object> status(String app) throws ApiException {
        return onLoop(this::apps, views -> status.of(app.isEmpty() ? withoutTunnels(views) : asked(views, app)));
    }

    /** They have a list of their own. */
    private static List<AppView> withoutTunnels(List<AppView> all) {
        return all.stream().filter(view -> view.spec().tunnel().isEmpty()).toList();
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
                verbs.begin(verb, target(target), options, peer, wait, answer);
            } catch (ApiException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
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
        List<LogAnswers.Voice> voices =
                logs.voices(onLoop(() -> supervision.chosen(target), views -> views), target, errorsOnly);
        if (voices.isEmpty() && target.app().isPresent()) {
            String app = target.app().get();
            throw onLoop(() -> supervision.supervisor().instead(app), hint -> noSuchApp(name, hint));
        }
        return voices;
    }

    @Override
    public Map<String, @Nullable Object> doctor() {
        DoctorAround around = new DoctorAround();
        try {
            around.apps(status(""))
                    .incidents(incidents("", OPEN_INCIDENTS))
                    .ports(surroundings.ports(), true)
                    .processes(surroundings.processes());
        } catch (ApiException stuck) {
            // The history's disk: the findings of the host say it.
        }
        return doctor.examine(around.findings());
    }

    @Override
    public Surroundings surroundings() {
        return surroundings;
    }

    @Override
    public Tunnels tunnels() {
        return tunnels;
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
