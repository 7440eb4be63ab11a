package io.bulkhead.host;

import io.bulkhead.linux.CgroupHost;
import io.bulkhead.story.History;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What this host offers, what is missing, and what to do about it. */
final class Doctor {

    private final CgroupHost cgroups;
    private final History history;

    Doctor(CgroupHost cgroups, History history) {
        this.cgroups = cgroups;
        this.history = history;
    }

    Map<String, @Nullable Object> examine() {
        List<Object> findings = new ArrayList<>();
        findings.add(finding(
                "cgroups",
                cgroups.kind() == CgroupHost.Kind.NONE ? "warning" : "ok",
                cgroups.describe(),
                String.join("; ", cgroups.reasons()),
                cgroups.kind() == CgroupHost.Kind.NONE
                        ? "run as root, or under systemd with Delegate=yes, to have limits kept by the kernel"
                        : ""));
        history.problem()
                .ifPresent(problem -> findings.add(
                        finding("state", "warning", "history is kept in memory only", problem, "mend the state folder, then restart the daemon")));
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("findings", findings);
        return document;
    }

    static Map<String, @Nullable Object> finding(
            String check, String severity, String message, String evidence, String fix) {
        Map<String, @Nullable Object> finding = new LinkedHashMap<>();
        finding.put("check", check);
        finding.put("severity", severity);
        finding.put("message", message);
        finding.put("evidence", evidence);
        finding.put("fix", fix);
        return finding;
    }
}
