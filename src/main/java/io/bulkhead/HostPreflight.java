package io.bulkhead;

import io.bulkhead.api.Doc;
import io.bulkhead.cli.Preflight;
import io.bulkhead.guard.Checks;
import io.bulkhead.host.AppChecks;
import io.bulkhead.host.Doctor;
import io.bulkhead.host.MemoryLedger;
import io.bulkhead.host.StartCheck;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.Self;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Host;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import java.nio.file.Files;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Lends the command line the eyes of the daemon, for {@code check} and {@code doctor}. Its classes load when they are asked, not before. */
final class HostPreflight implements Preflight {

    @Override
    public Host host(Map<String, String> environment) {
        return new Host(
                environment,
                HostMemory.read().total(),
                Runtime.getRuntime().availableProcessors(),
                Self.isRoot(),
                ZoneId.systemDefault());
    }

    @Override
    public List<Map<String, Object>> examine(Spec spec, AppSpec app, Map<String, String> environment) {
        AppChecks.Question question = AppChecks.Question.of(spec, environment);
        return found(AppChecks.atStart(app.name(), StartCheck.of(question, app)));
    }

    @Override
    public List<Map<String, Object>> checks(
            Spec spec,
            List<String> apps,
            Map<String, String> environment,
            Doc running,
            BiConsumer<Integer, Integer> progress) {
        AppChecks.Question question = new AppChecks.Question(
                spec,
                apps,
                Set.of(),
                environment,
                (int) running.doc("daemon").number("pid", 0),
                programs(running),
                Set.of(),
                Checks.PATIENCE,
                true,
                Map.of());
        try {
            return found(AppChecks.of(question, progress::accept));
        } catch (InterruptedException nobodyInterruptsACommand) {
            throw new IllegalStateException(nobodyInterruptsACommand);
        }
    }

    private static Set<Integer> programs(Doc running) {
        Set<Integer> pids = new HashSet<>();
        for (Doc app : running.docs("apps")) {
            for (Doc instance : app.docs("instances")) {
                if (instance.has("pid")) {
                    pids.add((int) instance.number("pid", 0));
                }
            }
        }
        return pids;
    }

    private static List<Map<String, Object>> found(List<AppChecks.Found> found) {
        return documents(found.stream().map(AppChecks.Found::finding).toList());
    }

    private static List<Map<String, Object>> documents(List<Finding> findings) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Finding finding : findings) {
            documents.add(finding.toMap());
        }
        return documents;
    }

    @Override
    public List<Map<String, Object>> memory(Spec spec, Doc running) {
        return documents(MemoryLedger.planned(spec, running));
    }

    @Override
    public List<Map<String, @Nullable Object>> doctor(Home home) {
        Optional<Spec> configured = Files.isRegularFile(home.config())
                ? SpecReader.read(home.config(), home.configFolder(), host(System.getenv()))
                        .spec()
                : Optional.empty();
        return Doctor.withoutDaemon(home, configured);
    }

    @Override
    public String scope(Home home) {
        return Doctor.scopeOf(home);
    }
}
