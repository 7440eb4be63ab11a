package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control.Peer;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Outcome;
import io.bulkhead.core.Target;
import io.bulkhead.json.Json;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import io.bulkhead.story.StateStore;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Scripts that somebody started without a file: apps of the origin {@code start}. */
final class Scripts {

    private final Loop loop;
    private final Supervision supervision;
    private final Applying applying;
    private final LookFirst looks;
    private final Chronicle chronicle;
    private final Host host;

    Scripts(Loop loop, Supervision supervision, Applying applying, LookFirst looks, Chronicle chronicle, Host host) {
        this.loop = loop;
        this.supervision = supervision;
        this.applying = applying;
        this.looks = looks;
        this.chronicle = chronicle;
        this.host = host;
    }

    /**
     * What was started under former daemons, in place of the apps of {@code settings}.
     *
     * @param problems gets a sentence for each that cannot be understood
     */
    static Spec remembered(StateStore state, Spec settings, List<String> problems) {
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        state.apps().forEach((name, app) -> {
            if (app.origin() == Origin.START) {
                try {
                    apps.put(name, SpecReader.restore(name, app.source()));
                } catch (IllegalArgumentException otherVersion) {
                    problems.add(name + ": was started without a file, and what was remembered of it cannot be used: "
                            + otherVersion.getMessage());
                }
            }
        });
        return settings.with(apps);
    }

    /**
     * Makes an app of it and starts that; one of the same name that was started in the same folder before is changed. What cannot start is refused before anything
     * is kept. On the loop.
     *
     * @param options as {@code Control.act} has them
     */
    void start(
            Map<String, @Nullable Object> options,
            Peer peer,
            boolean wait,
            CompletableFuture<Map<String, @Nullable Object>> answer)
            throws ApiException {
        AppSpec app = read(options);
        taken(app);
        Spec spec = applying.inForce().with(Map.of(app.name(), app));
        looks.before("start", spec, List.of(app), LookFirst.Overridden.in(options, peer), answer, done -> {
            try {
                start(app, peer, wait, done);
            } catch (ApiException refused) {
                answer.completeExceptionally(refused);
            }
        });
    }

    private void start(AppSpec app, Peer peer, boolean wait, CompletableFuture<Map<String, @Nullable Object>> answer)
            throws ApiException {
        taken(app);
        Spec spec = applying.inForce().with(Map.of(app.name(), app));
        Optional<String> only = Optional.of(app.name());
        for (Finding finding : applying.budget(spec, only)) {
            if (finding.isError()) {
                throw new ApiException(5, "refused", finding.sentence(), finding.fix());
            }
        }
        chronicle.commanded("start", new Target(only, OptionalInt.empty()), peer);
        supervision.wish(new Event.ApplyWish(spec, Origin.START, only), wait).thenAccept(applied -> {
            if (applied.state() == Outcome.State.FAILED) {
                answer.complete(Verbs.answer(applied));
                return;
            }
            // Where it was there, and stopped or given up on, it is started too.
            loop.post(() -> supervision
                    .wish(new Event.StartWish(new Target(only, OptionalInt.empty())), wait)
                    .thenAcceptBoth(
                            chronicle.remembered(), (outcome, saved) -> answer.complete(Verbs.answer(outcome))));
        });
    }

    private AppSpec read(Map<String, @Nullable Object> options) throws ApiException {
        Object name = options.get("name");
        Object command = options.get("command");
        Object folder = options.get("workingDir");
        if (!(name instanceof String called)
                || !(command instanceof List<?> words)
                || words.isEmpty()
                || !(folder instanceof String path)
                || !path.startsWith("/")) {
            throw new ApiException(
                    2, "bad-request", "a script has a name, a command (a list) and an absolute working_dir", "");
        }
        Map<String, @Nullable Object> keys = new LinkedHashMap<>();
        keys.put("command", command);
        keys.put("working_dir", folder);
        for (String wish : List.of("instances", "memory")) {
            if (options.get(wish) instanceof Object value) {
                keys.put(wish, value);
            }
        }
        if (options.get("path") instanceof String text && !text.isEmpty()) {
            keys.put("environment", Map.of("PATH", text));
        }
        SpecReader.One one = SpecReader.one(
                called, Json.write(keys), applying.inForce().server().log(), host);
        if (one.app().isPresent()) {
            return one.app().get();
        }
        Problem first = one.problems().getFirst();
        throw new ApiException(2, "bad-request", first.message(), first.hint().orElse(""));
    }

    /** One name is one app: neither a file's nor that of a script elsewhere is taken away. */
    private void taken(AppSpec app) throws ApiException {
        Optional<AppView> known = supervision.supervisor().app(app.name());
        if (known.isEmpty()) {
            return;
        }
        AppView there = known.get();
        if (there.origin() != Origin.START) {
            throw new ApiException(
                    5,
                    "name-taken",
                    "there is an app " + app.name() + " already, from "
                            + (there.origin() == Origin.FILE ? applying.file() : "an import"),
                    "bulkhead start " + app.name() + " starts that one; another name for the script: --name NAME");
        }
        if (!there.spec().workingDir().equals(app.workingDir())) {
            throw new ApiException(
                    5,
                    "name-taken",
                    "there is an app " + app.name() + " already, started in "
                            + there.spec().workingDir(),
                    "another name for this one: --name NAME; or bulkhead delete " + app.name());
        }
    }
}
