package io.bulkhead.guard;

import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import io.bulkhead.linux.ServiceSockets;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.Replace;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Finding;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Whether the connections that apps may hold fit into what a database has left: too many are refused by it at the worst moment, and to whoever comes last. */
final class ConnectionBudget implements Check {

    private static final int MOST_ANCESTORS = 64;

    @Override
    public String name() {
        return "connection-budget";
    }

    @Override
    public List<Finding> look(Subject subject) throws InterruptedException {
        List<Finding> findings = new ArrayList<>();
        for (String service : subject.app().connections().keySet()) {
            External external = subject.spec().externals().get(service);
            if (external != null && subject.app().connections().getOrDefault(service, 0) > 0) {
                findings.addAll(at(external, subject));
            }
        }
        return findings;
    }

    private List<Finding> at(External external, Subject subject) throws InterruptedException {
        Optional<ServerView> view = Optional.empty();
        if (external.url().isPresent()) {
            view = Optional.of(ServiceAsk.once(external.name(), external.url().get()));
        }
        ServiceSockets kernel = ServiceSockets.of(ServicePlaces.of(List.of(external)));
        List<Holding> holdings = Holding.join(
                List.of(external),
                kernel.sockets(),
                view.map(one -> Map.of(external.name(), one)).orElse(Map.of()));
        Owners owners = new Owners(subject.ours());
        AppSpec app = subject.app();
        // An app that runs is replaced; one that does not has nobody beside it.
        Predicate<AppSpec> replaced = one -> one.name().equals(app.name()) && twice(one) && owners.runs(one.name());
        ConnectionSum sum =
                ConnectionSum.of(external, view, holdings, subject.spec().apps().values(), replaced, owners::app);
        if (sum.limit().isEmpty()) {
            return List.of(unknown(external, view, subject));
        }
        if (!sum.enough()) {
            return List.of(subject.error(this, sum.text(), fix(external, sum), holders(holdings, owners)));
        }
        ConnectionSum later = ConnectionSum.of(
                external, view, holdings, subject.spec().apps().values(), ConnectionBudget::twice, owners::app);
        return later.enough()
                ? List.of()
                : List.of(subject.warning(
                        this, "it fits, but not while all is replaced at once: " + later.text(), fix(external, later)));
    }

    private static boolean twice(AppSpec app) {
        return app.replace() == Replace.START_FIRST;
    }

    private Finding unknown(External external, Optional<ServerView> view, Subject subject) {
        return view.isPresent()
                ? subject.warning(
                        this,
                        "its connections to " + external.name() + " cannot be added up: "
                                + view.get().message(),
                        "mend that, or write externals." + external.name() + ".max_connections")
                : subject.note(
                        this,
                        "how many connections " + external.name() + " allows is not known",
                        "write externals." + external.name() + ".url, or its max_connections");
    }

    private static String fix(External external, ConnectionSum sum) {
        int instances = 0;
        for (ConnectionSum.Part part : sum.parts()) {
            instances += part.twice() ? 2 : 1;
        }
        String share = sum.free() / Math.max(1, instances) > 0
                ? " (" + sum.free() / Math.max(1, instances) + " for each app would fit)"
                : "";
        return "make the pools and `connections` smaller" + share + ", raise max_connections of " + external.name()
                + ", or put a pooler before it";
    }

    /** Who has them now, the largest first. */
    private static String[] holders(List<Holding> holdings, Owners owners) {
        Map<String, Integer> counts = new HashMap<>();
        for (Holding holding : holdings) {
            String who = holding.clients().stream()
                    .findFirst()
                    .map(pid -> owners.app(pid)
                            .map(name -> name + " (pid " + pid + ")")
                            .orElse("pid " + pid))
                    .orElse("somebody elsewhere");
            counts.merge(who, 1, Integer::sum);
        }
        return counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(10)
                .map(one -> one.getKey() + " holds " + one.getValue() + " now")
                .toArray(String[]::new);
    }

    /** Which app a process belongs to, by the programs of the daemon that asks. */
    private static final class Owners {

        private final Set<Integer> programs;
        private final Map<Integer, Optional<String>> known = new HashMap<>();

        Owners(Set<Integer> programs) {
            this.programs = programs;
        }

        boolean runs(String app) {
            return programs.stream()
                    .anyMatch(pid -> app(pid).filter(app::equals).isPresent());
        }

        Optional<String> app(int pid) {
            return known.computeIfAbsent(pid, this::search);
        }

        private Optional<String> search(int pid) {
            int at = pid;
            for (int i = 0; at > 1 && i < MOST_ANCESTORS; i++) {
                if (programs.contains(at)) {
                    return Proc.HOST.environment(at, "BULKHEAD_APP");
                }
                at = Proc.HOST.stat(at).map(ProcessStat::parent).orElse(0);
            }
            return Optional.empty();
        }
    }
}
