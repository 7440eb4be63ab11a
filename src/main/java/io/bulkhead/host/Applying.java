package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control.Peer;
import io.bulkhead.core.Difference;
import io.bulkhead.core.Event;
import io.bulkhead.core.Origin;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads the configuration and makes the running apps equal to it. A file with an error changes nothing. */
final class Applying {

    private final Loop loop;
    private final Worker worker;
    private final Supervision supervision;
    private final Chronicle chronicle;
    private final Home home;
    private final Host host;
    private volatile Path file;
    private volatile boolean inheritEnvironment;
    private volatile long reserve;

    /** @param file the configuration that was used last */
    Applying(Loop loop, Worker worker, Supervision supervision, Chronicle chronicle, Home home, Host host, Path file) {
        this.loop = loop;
        this.worker = worker;
        this.supervision = supervision;
        this.chronicle = chronicle;
        this.home = home;
        this.host = host;
        this.file = file;
    }

    Path file() {
        return file;
    }

    boolean inheritEnvironment() {
        return inheritEnvironment;
    }

    /** Bytes that all apps together can never take. */
    long reserve() {
        return reserve;
    }

    /** Remembers what the daemon began with. */
    void begunWith(Spec spec) {
        inheritEnvironment = spec.server().inheritEnvironment();
        reserve = spec.server().reserve();
    }

    SpecReader.Reading read(Path path) {
        return SpecReader.read(path, path.equals(home.config()) ? home.configFolder() : Optional.empty(), host);
    }

    /** On the loop; the file is read on the worker. */
    void apply(
            Map<String, @Nullable Object> options,
            Peer peer,
            boolean wait,
            CompletableFuture<Map<String, @Nullable Object>> answer) {
        String named = options.get("file") instanceof String text ? text : "";
        Path path = named.isEmpty() ? file : Path.of(named);
        Optional<String> only =
                options.get("app") instanceof String app && !app.isEmpty() ? Optional.of(app) : Optional.empty();
        boolean dryRun = Boolean.TRUE.equals(options.get("dryRun"));
        worker.execute(() -> {
            SpecReader.Reading reading = read(path);
            loop.post(() -> {
                try {
                    apply(path, reading, only, dryRun, peer, wait, answer);
                } catch (ApiException refused) {
                    answer.completeExceptionally(refused);
                }
            });
        });
    }

    /** Applies the file without anybody waiting for an answer, which goes into the daemon's log. */
    void applyQuietly(DaemonLog log) {
        CompletableFuture<Map<String, @Nullable Object>> answer = new CompletableFuture<>();
        apply(new LinkedHashMap<>(), new Peer("SIGHUP", true), false, answer);
        answer.thenAccept(said -> log.info("SIGHUP: " + said.get("message")));
    }

    private void apply(
            Path path,
            SpecReader.Reading reading,
            Optional<String> only,
            boolean dryRun,
            Peer peer,
            boolean wait,
            CompletableFuture<Map<String, @Nullable Object>> answer)
            throws ApiException {
        if (reading.spec().isEmpty()) {
            long errors = reading.problems().stream()
                    .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                    .count();
            Map<String, @Nullable Object> refused = HostControl.answer(
                    false,
                    2,
                    path + " has " + (errors == 1 ? "an error" : errors + " errors") + "; nothing was changed",
                    "mend the file, then: bulkhead apply");
            refused.put("problems", problems(reading.problems()));
            answer.complete(refused);
            return;
        }
        Spec spec = reading.spec().get();
        Difference difference = supervision.supervisor().difference(spec, Origin.FILE, only);
        if (dryRun) {
            answer.complete(described(
                    HostControl.answer(true, 0, summary(difference) + " (nothing was done)", ""), difference, reading));
            return;
        }
        file = path;
        inheritEnvironment = spec.server().inheritEnvironment();
        reserve = spec.server().reserve();
        chronicle.applied(path, difference, peer);
        supervision
                .wish(new Event.ApplyWish(spec, Origin.FILE, only), wait)
                .thenAcceptBoth(
                        chronicle.remembered(),
                        (outcome, saved) ->
                                answer.complete(described(HostControl.answer(outcome), difference, reading)));
    }

    /** "1 change not applied: bulkhead apply", or empty; where the file has an error, that is said instead. */
    CompletableFuture<String> notApplied() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        worker.execute(() -> {
            SpecReader.Reading reading = read(file);
            loop.post(() -> answer.complete(notApplied(reading)));
        });
        return answer;
    }

    private String notApplied(SpecReader.Reading reading) {
        if (reading.spec().isEmpty()) {
            return file + " has errors and was not read: bulkhead check";
        }
        long changes =
                supervision
                        .supervisor()
                        .difference(reading.spec().get(), Origin.FILE, Optional.empty())
                        .changes()
                        .stream()
                        .filter(Applying::isOne)
                        .count();
        return changes == 0 ? "" : changes + (changes == 1 ? " change" : " changes") + " not applied: bulkhead apply";
    }

    private static boolean isOne(Difference.Change change) {
        return !(change instanceof Difference.Unchanged) && !(change instanceof Difference.Foreign);
    }

    static String summary(Difference difference) {
        int added = 0;
        int changed = 0;
        int removed = 0;
        for (Difference.Change change : difference.changes()) {
            switch (change) {
                case Difference.Added one -> added++;
                case Difference.Changed one -> changed++;
                case Difference.Removed one -> removed++;
                case Difference.Unchanged one -> {}
                case Difference.Foreign one -> {}
            }
        }
        return added + changed + removed == 0
                ? "nothing has changed"
                : added + " added, " + changed + " changed, " + removed + " removed";
    }

    private static Map<String, @Nullable Object> described(
            Map<String, @Nullable Object> answer, Difference difference, SpecReader.Reading reading) {
        List<Object> changes = new ArrayList<>();
        for (Difference.Change change : difference.changes()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("app", change.app());
            one.put("change", word(change));
            one.put("keys", change instanceof Difference.Changed changed ? List.copyOf(changed.keys()) : List.of());
            changes.add(one);
        }
        answer.put("changes", changes);
        answer.put("problems", problems(reading.problems()));
        return answer;
    }

    private static String word(Difference.Change change) {
        return switch (change) {
            case Difference.Added one -> "add";
            case Difference.Changed one -> "change";
            case Difference.Removed one -> "remove";
            case Difference.Unchanged one -> "keep";
            case Difference.Foreign one -> "keep";
        };
    }

    static List<Object> problems(List<Problem> problems) {
        List<Object> documents = new ArrayList<>();
        for (Problem problem : problems) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("severity", problem.severity().name().toLowerCase(java.util.Locale.ROOT));
            one.put("file", problem.file());
            one.put("line", problem.line());
            one.put("column", problem.column());
            one.put("message", problem.message());
            one.put("hint", problem.hint().orElse(null));
            one.put("source", problem.sourceLine().orElse(null));
            documents.add(one);
        }
        return documents;
    }
}
