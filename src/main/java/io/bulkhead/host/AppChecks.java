package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.guard.Checks;
import io.bulkhead.guard.Subject;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Finding.Severity;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** Everything that is asked before apps start. In a process of its own, {@code bulkhead check} or a {@link GuardChild}: never in the daemon. */
public final class AppChecks {

    /** A step of a start that may ask a binary for its version, or wait for a directory of users. */
    static final String START = "start";

    private AppChecks() {}

    /**
     * @param apps of {@code spec}, by name
     * @param skipped names of checks that are not asked; what keeps a start from happening cannot be skipped
     * @param environment the daemon's own
     * @param ours processes that are programs of the daemon's apps now
     */
    public record Question(
            Spec spec,
            Collection<String> apps,
            Set<String> skipped,
            Map<String, String> environment,
            Set<Integer> ours) {}

    /** Takes some seconds at most. @return by app: what keeps it from starting, then what the checks found */
    public static List<Finding> of(Question question, Checks.Progress progress) throws InterruptedException {
        List<AppSpec> apps = new ArrayList<>();
        for (String name : question.apps()) {
            AppSpec app = question.spec().apps().get(name);
            if (app != null) {
                apps.add(app);
            }
        }
        List<Callable<StartCheck.Result>> starts = new ArrayList<>();
        for (AppSpec app : apps) {
            starts.add(() -> StartCheck.of(question.spec(), app, question.environment(), question.ours()));
        }
        List<Finding> findings = new ArrayList<>();
        List<Subject> subjects = new ArrayList<>();
        List<Future<StartCheck.Result>> ended = Checks.sideBySide(starts, Checks.PATIENCE);
        for (int i = 0; i < ended.size(); i++) {
            String app = apps.get(i).name();
            switch (ended.get(i).state()) {
                case SUCCESS -> {
                    StartCheck.Result result = ended.get(i).resultNow();
                    findings.addAll(findings(app, result));
                    result.subject().ifPresent(subjects::add);
                }
                case FAILED ->
                    findings.add(warning(app, START, "it could not be looked at: " + ended.get(i).exceptionNow()));
                case CANCELLED, RUNNING ->
                    findings.add(warning(
                            app,
                            START,
                            "finding its user, program and env files took longer than " + Checks.PATIENCE.toSeconds()
                                    + " s: it was not looked at"));
            }
        }
        findings.addAll(Checks.look(subjects, question.skipped(), Checks.PATIENCE, progress));
        return byApp(apps, findings);
    }

    /** What a start says by itself. */
    public static List<Finding> findings(String app, StartCheck.Result result) {
        List<Finding> findings = new ArrayList<>();
        result.refusal().ifPresent(refusal -> findings.add(error(app, refusal)));
        for (String note : result.notes()) {
            findings.add(warning(app, "node", note));
        }
        return findings;
    }

    private static Finding error(String app, Refusal refusal) {
        return new Finding(app, refusal.step(), Severity.ERROR, refusal.message(), List.of(), refusal.hint());
    }

    private static Finding warning(String app, String check, String message) {
        return new Finding(app, check, Severity.WARNING, message, List.of(), "");
    }

    private static List<Finding> byApp(List<AppSpec> apps, List<Finding> findings) {
        List<Finding> sorted = new ArrayList<>();
        for (AppSpec app : apps) {
            for (Finding finding : findings) {
                if (finding.app().equals(app.name())) {
                    sorted.add(finding);
                }
            }
        }
        return sorted;
    }
}
