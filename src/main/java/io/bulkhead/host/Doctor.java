package io.bulkhead.host;

import io.bulkhead.linux.Capabilities;
import io.bulkhead.linux.Capabilities.Severity;
import io.bulkhead.linux.Capabilities.Shortcoming;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.linux.HostWords;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.History;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What this host offers, what is missing, and what to do about it. Any thread; looking changes nothing that stays. */
public final class Doctor {

    private static final long LITTLE_MEMORY = 64L << 20;

    private final CgroupHost cgroups;
    private final Optional<History> history;
    private final Home home;

    Doctor(CgroupHost cgroups, History history, Home home) {
        this(cgroups, Optional.of(history), home);
    }

    private Doctor(CgroupHost cgroups, Optional<History> history, Home home) {
        this.cgroups = cgroups;
        this.history = history;
        this.home = home;
    }

    /**
     * What a daemon would find that the caller started on {@code home} now.
     *
     * @param configured the home's configuration; empty where there is none without an error
     * @return findings as in {@code doctor --json}
     */
    public static List<Map<String, @Nullable Object>> withoutDaemon(Home home, Optional<Spec> configured) {
        Doctor doctor = new Doctor(CgroupHost.detect(compartmentsOf(home)), Optional.empty(), home);
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        List<DoctorFinding> findings = new ArrayList<>(new DoctorAround()
                .ports(HostSurroundings.portsWithoutDaemon(configured), false)
                .processes(new StrangersDocument(Belonging.none()).rows())
                .findings());
        findings.addAll(doctor.findings());
        findings.forEach(finding -> documents.add(finding.document()));
        return documents;
    }

    /** The name of the control group of a home's compartments: two homes on one host must not share it. */
    static String compartmentsOf(Home home) {
        return home.system()
                ? "bulkhead"
                : "bulkhead-"
                        + Integer.toHexString(
                                home.run().toAbsolutePath().toString().hashCode());
    }

    /** The systemd unit that holds a home's compartments, where there is one. */
    public static String scopeOf(Home home) {
        return CgroupHost.scope(compartmentsOf(home));
    }

    /** @param around what else was found: of the same severity it comes first */
    Map<String, @Nullable Object> examine(List<DoctorFinding> around) {
        List<Object> documents = new ArrayList<>();
        around.forEach(finding -> documents.add(finding.document()));
        findings().forEach(finding -> documents.add(finding.document()));
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("findings", documents);
        return document;
    }

    /** What is degraded, a sentence each; none where all is well. What is ordinary for this user or host is left out. */
    List<String> shortcomings() {
        List<String> sentences = new ArrayList<>();
        for (DoctorFinding finding : findings()) {
            if (finding.degraded()) {
                sentences.add(finding.message());
            }
        }
        return sentences;
    }

    private List<DoctorFinding> findings() {
        List<DoctorFinding> findings = new ArrayList<>();
        host(Capabilities.probe(cgroups), findings);
        findings.add(DoctorFinding.ok("host", HostWords.text(), ""));
        findings.add(memory(HostMemory.read()));
        findings.add(folder("state", home.state()));
        findings.add(folder("log", home.log()));
        findings.add(folder("run", home.run()));
        history.flatMap(History::problem)
                .ifPresent(problem -> findings.add(DoctorFinding.warning(
                        "history",
                        "history is kept in memory only: it is lost when the daemon ends",
                        problem,
                        "mend the state folder; the daemon tries again every minute")));
        return findings;
    }

    /** A daemon that runs has made its folders. */
    private DoctorFinding folder(String check, Path folder) {
        return history.isPresent() ? DoctorFolder.look(check, folder) : DoctorFolder.foresee(check, folder);
    }

    /** The good first, then what is missing, the gravest first. */
    private static void host(Capabilities host, List<DoctorFinding> findings) {
        List<Shortcoming> missing = host.shortcomings();
        Set<String> bad = new LinkedHashSet<>();
        missing.forEach(shortcoming -> bad.add(shortcoming.check()));
        good(bad, findings, "kernel", "Linux " + host.kernel() + " has all that is needed", "pidfd_open(2) works");
        good(
                bad,
                findings,
                "cgroups",
                host.cgroups().describe(),
                String.join("; ", host.cgroups().reasons()));
        if (host.root()) {
            findings.add(DoctorFinding.ok("root", "runs as root: an app may have a user of its own", ""));
            good(bad, findings, "setpriv", "programs can run as another user", "setpriv is installed");
        }
        good(bad, findings, "CAP_SYS_RESOURCE", "limits can be raised above the hard ones of this host", "");
        good(bad, findings, "kmsg", "the kernel's log can be read: it tells whom a lack of memory hit", "");
        for (Shortcoming shortcoming : missing) {
            findings.add(new DoctorFinding(
                    shortcoming.check(),
                    word(shortcoming.severity()),
                    shortcoming.what(),
                    shortcoming.evidence(),
                    shortcoming.remedy()));
        }
    }

    private static void good(
            Set<String> bad, List<DoctorFinding> findings, String check, String message, String evidence) {
        boolean rootsAffair = check.startsWith("CAP_") && bad.contains("root");
        if (!bad.contains(check) && !rootsAffair) {
            findings.add(DoctorFinding.ok(check, message, evidence));
        }
    }

    private static String word(Severity severity) {
        return switch (severity) {
            case INFO -> "info";
            case WARNING -> "warning";
            case ERROR -> "error";
        };
    }

    private static DoctorFinding memory(HostMemory memory) {
        String message = mebibytes(memory.total()) + " of memory, " + mebibytes(memory.available()) + " available";
        String evidence = memory.swapTotal() == 0
                ? "no swap"
                : mebibytes(memory.swapTotal()) + " of swap, " + mebibytes(memory.swapFree()) + " free";
        return memory.available() >= LITTLE_MEMORY
                ? DoctorFinding.ok("memory", message, evidence)
                : DoctorFinding.warning(
                        "memory",
                        message + ": the kernel may kill any program of this host at any time",
                        evidence,
                        "give the apps memory limits that fit, or the host more memory");
    }

    static String mebibytes(long bytes) {
        return (bytes >> 20) + " MiB";
    }
}
