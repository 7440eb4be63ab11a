package io.bulkhead;

import io.bulkhead.api.Doc;
import io.bulkhead.cli.Preflight;
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
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    public List<Map<String, @Nullable Object>> examine(Spec spec, AppSpec app, Map<String, String> environment) {
        StartCheck.Result result = StartCheck.of(app, spec.server().inheritEnvironment(), environment);
        List<Map<String, @Nullable Object>> findings = new ArrayList<>();
        result.refusal()
                .ifPresent(
                        refusal -> findings.add(finding(refusal.step(), "error", refusal.message(), refusal.hint())));
        for (String note : result.notes()) {
            findings.add(finding("node", "warning", note, ""));
        }
        return findings;
    }

    private static Map<String, @Nullable Object> finding(String check, String severity, String message, String fix) {
        Map<String, @Nullable Object> finding = new LinkedHashMap<>();
        finding.put("check", check);
        finding.put("severity", severity);
        finding.put("message", message);
        finding.put("evidence", "");
        finding.put("fix", fix);
        return finding;
    }

    @Override
    public List<Map<String, Object>> memory(Spec spec, Doc running) {
        List<Map<String, Object>> documents = new ArrayList<>();
        for (Finding finding : MemoryLedger.planned(spec, running)) {
            documents.add(finding.toMap());
        }
        return documents;
    }

    @Override
    public List<Map<String, @Nullable Object>> doctor(Home home) {
        return Doctor.withoutDaemon(home);
    }

    @Override
    public String scope(Home home) {
        return Doctor.scopeOf(home);
    }
}
