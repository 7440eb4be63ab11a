package io.bulkhead.host;

import io.bulkhead.api.ApiException;
import io.bulkhead.api.Control.Peer;
import io.bulkhead.api.Doc;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Tale;
import io.bulkhead.core.Target;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Asks the checks before a person's wish reaches core, which knows nothing of them. An error keeps the wish from happening, unless the person overrides it; what was
 * overridden is recorded. Checks that cannot be run stop nobody. On the loop.
 */
final class LookFirst {

    /** The check whose skipping says that a database may be another from now on. */
    private static final String IDENTITY = "external-identity";

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /** A restart is often the way out of trouble. */
    private static final Duration RESTART_PATIENCE = Duration.ofSeconds(3);

    /** Besides twice its patience, for the start of the child on a host that is busy. */
    private static final int CHILD_MILLIS = 10_000;

    private final Loop loop;
    private final Runs runs;
    private final GuardChild child;
    private final Chronicle chronicle;
    private final DaemonLog log;
    private final Map<String, String> environment;
    private final KnownServers servers;
    private final ConnectionWatch connections;

    LookFirst(
            Loop loop,
            Runs runs,
            GuardChild child,
            Chronicle chronicle,
            DaemonLog log,
            Map<String, String> environment,
            KnownServers servers,
            ConnectionWatch connections) {
        this.servers = servers;
        this.connections = connections;
        this.loop = loop;
        this.runs = runs;
        this.child = child;
        this.chronicle = chronicle;
        this.log = log;
        this.environment = Map.copyOf(environment);
    }

    /**
     * What a person said besides.
     *
     * @param skipped names of checks that are not to be asked
     * @param force whether it is to be done whatever is found
     */
    record Overridden(Set<String> skipped, boolean force, Peer peer) {

        static Overridden in(Map<String, @Nullable Object> options, Peer peer) {
            Set<String> skipped = new LinkedHashSet<>();
            if (options.get("skip") instanceof Collection<?> names) {
                names.forEach(name -> skipped.add(String.valueOf(name)));
            }
            return new Overridden(skipped, Boolean.TRUE.equals(options.get("force")), peer);
        }

        boolean any() {
            return force || !skipped.isEmpty();
        }
    }

    /**
     * What came of it.
     *
     * @param refused what keeps the wish from happening, the gravest first; empty where it may
     * @param findings all, as in {@code check --json}
     */
    record Verdict(List<Doc> refused, List<Doc> findings) {

        static final Verdict CLEAR = new Verdict(List.of(), List.of());

        private List<Object> documents() {
            List<Object> documents = new ArrayList<>();
            findings.forEach(finding -> documents.add(finding.members()));
            return documents;
        }

        /** The answer to whoever wished for it. */
        Map<String, @Nullable Object> refusal(String done) {
            Doc first = refused.getFirst();
            String who = first.text("app").isEmpty() ? "" : first.text("app") + ": ";
            String more = refused.size() == 1 ? "" : " (and " + (refused.size() - 1) + " more)";
            Map<String, @Nullable Object> answer =
                    Verbs.answer(false, 5, who + first.text("message") + more + "; " + done, remedy());
            return with(answer);
        }

        /** The answer to a wish that was done, with what was found before. */
        Map<String, @Nullable Object> with(Map<String, @Nullable Object> answer) {
            List<Object> all = new ArrayList<>(answer.get("findings") instanceof List<?> others ? others : List.of());
            all.addAll(documents());
            answer.put("findings", all);
            return answer;
        }

        private String remedy() {
            Doc first = refused.getFirst();
            Set<String> names = new LinkedHashSet<>();
            boolean prevented = false;
            for (Doc finding : refused) {
                names.add("--skip " + finding.text("check"));
                prevented |= finding.flag(ChecksJob.PREVENTS);
            }
            String skip = prevented ? "" : "to do it all the same: " + String.join(" ", names);
            String fix = first.text("fix");
            return fix.isEmpty() ? skip : skip.isEmpty() ? fix : fix + "; " + skip;
        }
    }

    /**
     * Looks at {@code apps} and answers on the loop.
     *
     * @param verb what is to be done to them: of a {@code restart} only what would make it fail is refused
     * @return an {@link ApiException} where a check that is to be skipped does not exist
     */
    CompletableFuture<Verdict> at(String verb, Spec spec, Collection<AppSpec> apps, Overridden override) {
        CompletableFuture<Verdict> verdict = new CompletableFuture<>();
        // A tunnel is looked at by its own launch: key, host key and port.
        List<String> asked = apps.stream()
                .filter(app -> app.tunnel().isEmpty())
                .map(AppSpec::name)
                .toList();
        if (asked.isEmpty()) {
            verdict.complete(Verdict.CLEAR);
            return verdict;
        }
        boolean restart = verb.equals("restart");
        Duration patience = restart ? RESTART_PATIENCE : PATIENCE;
        AppChecks.Question question = new AppChecks.Question(
                spec,
                asked,
                override.skipped(),
                spec.server().inheritEnvironment() ? environment : Map.of(),
                (int) ProcessHandle.current().pid(),
                programs(),
                held(),
                patience,
                false,
                servers.all());
        child.begin(ChecksJob.NAME, ChecksJob.request(question), 2 * (int) patience.toMillis() + CHILD_MILLIS)
                .whenComplete((found, failed) -> loop.post(() -> {
                    try {
                        verdict.complete(
                                failed == null
                                        ? judge(verb, spec, question.apps(), found, override)
                                        : blind(question.apps(), failed));
                    } catch (ApiException unknown) {
                        verdict.completeExceptionally(unknown);
                    }
                }));
        return verdict;
    }

    /**
     * Does {@code deed} unless a check is against it: then nothing is done, and that is the answer, also where nobody waits for what comes of it.
     *
     * @param deed completes what it is given
     */
    void before(
            String verb,
            Spec spec,
            Collection<AppSpec> apps,
            Overridden override,
            CompletableFuture<Map<String, @Nullable Object>> answer,
            Consumer<CompletableFuture<Map<String, @Nullable Object>>> deed) {
        at(verb, spec, apps, override).whenComplete((verdict, unknown) -> {
            if (unknown != null) {
                answer.completeExceptionally(unknown);
            } else if (!verdict.refused().isEmpty()) {
                answer.complete(verdict.refusal("nothing was done"));
            } else {
                CompletableFuture<Map<String, @Nullable Object>> done = new CompletableFuture<>();
                done.thenAccept((Map<String, @Nullable Object> document) -> answer.complete(verdict.with(document)));
                try {
                    deed.accept(done);
                } catch (RuntimeException bug) {
                    log.bug(bug);
                    answer.completeExceptionally(bug);
                }
            }
        });
    }

    private Set<String> held() {
        Set<String> held = new HashSet<>();
        for (LiveRun run : runs.all()) {
            run.compartment.ifPresent(home ->
                    home.addresses().forEach(address -> held.add(StartCheck.held(run.instance.app(), address))));
        }
        return held;
    }

    private Set<Integer> programs() {
        Set<Integer> pids = new HashSet<>();
        for (LiveRun run : runs.all()) {
            if (run.phase == LiveRun.Phase.ALIVE) {
                pids.add(run.pid);
            }
        }
        return pids;
    }

    private Verdict judge(String verb, Spec spec, Collection<String> apps, List<Doc> found, Overridden override)
            throws ApiException {
        for (Doc one : found) {
            if (one.has(ChecksJob.UNKNOWN)) {
                throw new ApiException(2, "no-such-check", ChecksJob.unknown(one), "");
            }
        }
        List<Doc> against = new ArrayList<>();
        for (Doc finding : found) {
            boolean error = finding.text("severity").equals("error");
            if (error && (!verb.equals("restart") || finding.flag(ChecksJob.PREVENTS))) {
                against.add(finding);
            }
        }
        if (override.any()) {
            overridden(verb, apps, against, override);
        }
        if (override.skipped().contains(IDENTITY) && (override.force() || against.isEmpty())) {
            servers.accept(spec.externals().keySet());
            connections.askNow();
        }
        if (!override.force()) {
            against.forEach(finding -> refused(verb, finding, override.peer()));
        }
        return new Verdict(override.force() ? List.of() : against, found);
    }

    private void overridden(String verb, Collection<String> apps, List<Doc> against, Overridden override) {
        for (String app : apps) {
            List<String> sentences = new ArrayList<>();
            for (Doc finding : override.force() ? against : List.<Doc>of()) {
                if (finding.text("app").equals(app)) {
                    sentences.add(finding.text("check") + ": " + finding.text("message"));
                }
            }
            if (!sentences.isEmpty() || !override.skipped().isEmpty()) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put("verb", verb);
                fields.put("by", override.peer().user());
                fields.put("skipped", List.copyOf(override.skipped()));
                fields.put("overridden", sentences);
                chronicle.tellApp(Tale.CHECK_SKIPPED, app, fields);
            }
        }
    }

    private void refused(String verb, Doc finding, Peer peer) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("verb", verb);
        fields.put("by", peer.user());
        fields.put("check", finding.text("check"));
        fields.put("reason", finding.text("message"));
        fields.put("evidence", finding.text("evidence"));
        fields.put("fix", finding.text("fix"));
        chronicle.tellApp(Tale.CHECK_REFUSED, finding.text("app"), fields);
    }

    /** Who cannot look does not stand in the way. */
    private Verdict blind(Collection<String> apps, Throwable failed) {
        log.warn("checks of " + String.join(", ", apps) + " could not be run: " + failed.getMessage());
        Map<String, @Nullable Object> finding = new LinkedHashMap<>();
        finding.put("app", "");
        finding.put("check", "checks");
        finding.put("severity", "warning");
        finding.put("message", "the checks could not be run, it is done without them");
        finding.put("evidence", String.valueOf(failed.getMessage()));
        finding.put("fix", "");
        return new Verdict(List.of(), List.of(new Doc(finding)));
    }

    /** The apps that {@code verb} would start something of. */
    static List<AppSpec> startedBy(String verb, Target target, List<AppView> chosen) {
        List<AppSpec> apps = new ArrayList<>();
        for (AppView app : chosen) {
            boolean any = app.instances().stream()
                    .filter(instance -> target.instance().isEmpty()
                            || target.instance().getAsInt() == instance.id().index())
                    .anyMatch(instance -> switch (verb) {
                        case "start" -> instance.run().isEmpty();
                        case "reload" -> instance.run().isPresent();
                        default -> true;
                    });
            if (any) {
                apps.add(app.spec());
            }
        }
        return apps;
    }
}
