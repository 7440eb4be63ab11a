package io.bulkhead.host;

import io.bulkhead.api.Control.Peer;
import io.bulkhead.core.AppView;
import io.bulkhead.core.Budget;
import io.bulkhead.core.Difference;
import io.bulkhead.core.Event;
import io.bulkhead.core.Origin;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Problem;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads the configuration and makes the running apps equal to it. A file with an error changes nothing. */
final class Applying {

    private final Loop loop;
    private final Worker worker;
    private final Supervision supervision;
    private final Chronicle chronicle;
    private final Reserve reserve;
    private final ExternalWatch externals;
    private final LookFirst looks;
    private final TunnelLeases leases;
    private final Home home;
    private final Host host;
    private final MemoryLedger ledger;
    private volatile Path file;
    private volatile Spec inForce;

    /**
     * @param file the configuration that was used last
     * @param begunWith what it says
     */
    Applying(
            Loop loop,
            Worker worker,
            Supervision supervision,
            Chronicle chronicle,
            MemoryLedger ledger,
            Reserve reserve,
            ExternalWatch externals,
            LookFirst looks,
            TunnelLeases leases,
            Home home,
            Host host,
            Path file,
            Spec begunWith) {
        this.loop = loop;
        this.worker = worker;
        this.supervision = supervision;
        this.chronicle = chronicle;
        this.ledger = ledger;
        this.reserve = reserve;
        this.externals = externals;
        this.looks = looks;
        this.leases = leases;
        this.home = home;
        this.host = host;
        this.file = file;
        this.inForce = begunWith;
    }

    Path file() {
        return file;
    }

    /** The configuration that was used last: its settings of the server and its pools are in force. */
    Spec inForce() {
        return inForce;
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
        // To only show the difference first, before it is asked for again, nothing is looked at twice.
        boolean looks = !dryRun || Boolean.TRUE.equals(options.get("check"));
        LookFirst.Overridden override = LookFirst.Overridden.in(options, peer);
        worker.execute(() -> {
            SpecReader.Reading reading = read(path);
            loop.post(() -> apply(new Order(path, reading, only, dryRun, looks, override, wait), answer));
        });
    }

    /** What is to be applied, and how. */
    private record Order(
            Path path,
            SpecReader.Reading reading,
            Optional<String> only,
            boolean dryRun,
            boolean looks,
            LookFirst.Overridden override,
            boolean waits) {}

    /** Applies the file without anybody waiting for an answer, which goes into the daemon's log. */
    CompletableFuture<Map<String, @Nullable Object>> applyQuietly(DaemonLog log) {
        CompletableFuture<Map<String, @Nullable Object>> answer = new CompletableFuture<>();
        apply(new LinkedHashMap<>(), new Peer("SIGHUP", true), false, answer);
        answer.thenAccept(said -> log.info("SIGHUP: " + said.get("message")));
        return answer;
    }

    private void apply(Order order, CompletableFuture<Map<String, @Nullable Object>> answer) {
        if (order.reading.spec().isEmpty()) {
            answer.complete(unreadable(order));
            return;
        }
        Spec spec = order.reading.spec().get();
        Difference difference = supervision.supervisor().difference(spec, Origin.FILE, order.only);
        List<Finding> findings = budget(spec, order.only);
        List<Finding> errors = findings.stream().filter(Finding::isError).toList();
        if (!errors.isEmpty() && !order.override.force()) {
            Map<String, @Nullable Object> refused = Verbs.answer(
                    false,
                    5,
                    errors.getFirst().sentence() + "; nothing was changed",
                    errors.getFirst().fix());
            answer.complete(described(refused, difference, List.of(), order.reading, findings));
            return;
        }
        if (!order.looks) {
            carryOut(order, spec, LookFirst.Verdict.CLEAR, answer);
            return;
        }
        looks.at("apply", spec, changed(difference), order.override).whenComplete((verdict, refused) -> {
            if (refused != null) {
                answer.completeExceptionally(refused);
            } else if (!verdict.refused().isEmpty()) {
                answer.complete(verdict.with(described(
                        verdict.refusal("nothing was changed"), difference, List.of(), order.reading, findings)));
            } else {
                carryOut(order, spec, verdict, answer);
            }
        });
    }

    /** The apps of which something new would run. */
    private static List<AppSpec> changed(Difference difference) {
        List<AppSpec> apps = new ArrayList<>();
        for (Difference.Change change : difference.changes()) {
            switch (change) {
                case Difference.Added one -> apps.add(one.next());
                case Difference.Changed one when one.newRun() -> apps.add(one.next());
                default -> {}
            }
        }
        return apps;
    }

    /** What has happened while the checks looked counts: the difference is taken again. */
    private void carryOut(
            Order order,
            Spec spec,
            LookFirst.Verdict verdict,
            CompletableFuture<Map<String, @Nullable Object>> answered) {
        CompletableFuture<Map<String, @Nullable Object>> answer = new CompletableFuture<>();
        answer.thenAccept((Map<String, @Nullable Object> document) -> answered.complete(verdict.with(document)));
        Difference difference = supervision.supervisor().difference(spec, Origin.FILE, order.only);
        List<Finding> findings = budget(spec, order.only);
        List<String> settings = settings(spec);
        if (order.dryRun) {
            boolean same = !settings.isEmpty() && nothing(difference);
            answer.complete(described(
                    Verbs.answer(
                            true,
                            0,
                            (same ? String.join(", ", settings) + " changed" : summary(difference))
                                    + " (nothing was done)",
                            ""),
                    difference,
                    settings,
                    order.reading,
                    findings));
            return;
        }
        file = order.path;
        inForce = spec;
        chronicle.applied(order.path, difference, order.override.peer());
        CompletableFuture<Boolean> limited = new CompletableFuture<>();
        worker.execute(() -> {
            try {
                reserve.putInForce(spec);
            } finally {
                limited.complete(true);
            }
        });
        chronicle.overBudget(
                findings, order.override.force() ? order.override.peer().user() : "");
        tellRoom(MemoryLedger.after(spec, order.only, supervision.supervisor().apps()));
        externals.expect(spec);
        loop.post(leases::look);
        supervision
                .wish(new Event.ApplyWish(spec, Origin.FILE, order.only), order.waits)
                .thenAcceptBoth(
                        chronicle.remembered().thenCombine(limited, (saved, set) -> saved),
                        (outcome, saved) -> answer.complete(
                                described(Verbs.answer(outcome), difference, settings, order.reading, findings)));
    }

    /** What changes besides apps, in the words of the file. */
    private List<String> settings(Spec spec) {
        List<String> changed = new ArrayList<>();
        if (!spec.server().equals(inForce.server())) {
            changed.add("server");
        }
        if (!spec.pools().equals(inForce.pools())) {
            changed.add("pools");
        }
        if (!spec.externals().equals(inForce.externals())) {
            changed.add("externals");
        }
        if (!spec.portGuard().equals(inForce.portGuard())) {
            changed.add("port_guard");
        }
        return changed;
    }

    /** Tells core whose second generation does not fit, before something is replaced. */
    void tellRoom(Collection<AppSpec> apps) {
        supervision.happened(
                new Event.NoRoomForTwo(Set.copyOf(ledger.budget(apps, inForce).withoutSecond())));
    }

    /** What the arithmetic says; a change that wants no more than what runs already is never refused for the sum. */
    List<Finding> budget(Spec spec, Optional<String> only) {
        List<AppView> now = supervision.supervisor().apps();
        Budget next = ledger.budget(MemoryLedger.after(spec, only, now), spec);
        List<Finding> findings =
                new ArrayList<>(next.findings(spec.server().refuseOverBudget() && next.wanted() > wantedBy(now)));
        findings.addAll(ledger.belowUse(now, MemoryLedger.after(spec, only, now)));
        return findings;
    }

    private long wantedBy(List<AppView> now) {
        return ledger.budget(now.stream().map(AppView::spec).toList(), inForce).wanted();
    }

    private static Map<String, @Nullable Object> unreadable(Order order) {
        long errors = order.reading.problems().stream()
                .filter(problem -> problem.severity() == Problem.Severity.ERROR)
                .count();
        Map<String, @Nullable Object> refused = Verbs.answer(
                false,
                2,
                order.path + " has " + (errors == 1 ? "an error" : errors + " errors") + "; nothing was changed",
                "mend the file, then: bulkhead apply");
        refused.put("problems", problems(order.reading.problems()));
        return refused;
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

    private static boolean nothing(Difference difference) {
        return difference.changes().stream().noneMatch(Applying::isOne);
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
            Map<String, @Nullable Object> answer,
            Difference difference,
            List<String> settings,
            SpecReader.Reading reading,
            List<Finding> findings) {
        List<Object> changes = new ArrayList<>();
        for (Difference.Change change : difference.changes()) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("app", change.app());
            one.put("change", word(change));
            one.put("keys", change instanceof Difference.Changed changed ? List.copyOf(changed.keys()) : List.of());
            changes.add(one);
        }
        answer.put("changes", changes);
        answer.put("settings", settings);
        answer.put("problems", problems(reading.problems()));
        answer.put("findings", findings.stream().map(Finding::toMap).toList());
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
