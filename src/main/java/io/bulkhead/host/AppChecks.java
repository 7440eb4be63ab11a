package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.guard.Checks;
import io.bulkhead.guard.Subject;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Finding.Severity;
import io.bulkhead.spec.Spec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;

/** Everything that is asked before apps start. In a process of its own, {@code bulkhead check} or a {@link GuardChild}: never in the daemon. */
public final class AppChecks {

    private static final String START = "start";

    private AppChecks() {}

    /**
     * @param apps of {@code spec}, by name
     * @param skipped names of checks that are not asked; what keeps a start from happening cannot be skipped
     * @param environment the daemon's own
     * @param daemon its process, which may hold sockets for its apps; 0 where none runs
     * @param ours processes that are programs of its apps now
     * @param held addresses that its apps have, each as APP ADDRESS: who holds their sockets may not be visible to us
     * @param patience of all together, and of the look at the start before them
     * @param inFull whether also what is only worth telling a person who asked for it
     * @param servers what the daemon remembers of externals, by name
     */
    public record Question(
            Spec spec,
            Collection<String> apps,
            Set<String> skipped,
            Map<String, String> environment,
            int daemon,
            Set<Integer> ours,
            Set<String> held,
            Duration patience,
            boolean inFull,
            Map<String, String> servers) {

        /** Of all that a configuration has, where no daemon runs. */
        public static Question of(Spec spec, Map<String, String> environment) {
            return new Question(
                    spec,
                    spec.apps().keySet(),
                    Set.of(),
                    environment,
                    0,
                    Set.of(),
                    Set.of(),
                    Checks.PATIENCE,
                    true,
                    Map.of());
        }
    }

    /** @param prevents whether a start would fail for it: skipping it would not help */
    public record Found(Finding finding, boolean prevents) {}

    /** Takes some seconds at most. @return by app: what keeps it from starting, then what the checks found */
    public static List<Found> of(Question question, Checks.Progress progress) throws InterruptedException {
        List<AppSpec> apps = new ArrayList<>();
        for (String name : question.apps()) {
            AppSpec app = question.spec().apps().get(name);
            if (app != null) {
                apps.add(app);
            }
        }
        List<Callable<StartCheck.Result>> starts = new ArrayList<>();
        for (AppSpec app : apps) {
            starts.add(() -> StartCheck.of(question, app));
        }
        List<Found> found = new ArrayList<>();
        List<Subject> subjects = new ArrayList<>();
        List<Future<StartCheck.Result>> ended = Checks.sideBySide(starts, question.patience());
        for (int i = 0; i < ended.size(); i++) {
            String app = apps.get(i).name();
            switch (ended.get(i).state()) {
                case SUCCESS -> {
                    StartCheck.Result result = ended.get(i).resultNow();
                    found.addAll(atStart(app, result));
                    result.subject().ifPresent(subjects::add);
                }
                case FAILED ->
                    found.add(warning(
                            app,
                            START,
                            "it could not be looked at: " + ended.get(i).exceptionNow()));
                case CANCELLED, RUNNING ->
                    found.add(warning(
                            app,
                            START,
                            "finding its user, program and env files took longer than "
                                    + question.patience().toSeconds() + " s: it was not looked at"));
            }
        }
        for (Finding finding :
                Checks.look(subjects, question.skipped(), question.inFull(), question.patience(), progress)) {
            found.add(new Found(finding, false));
        }
        return byApp(apps, found);
    }

    /** What a start says by itself. */
    public static List<Found> atStart(String app, StartCheck.Result result) {
        List<Found> found = new ArrayList<>();
        result.refusal().ifPresent(refusal -> found.add(new Found(error(app, refusal), true)));
        for (String note : result.notes()) {
            found.add(warning(app, "node", note));
        }
        return found;
    }

    private static Finding error(String app, Refusal refusal) {
        return new Finding(app, refusal.step(), Severity.ERROR, refusal.message(), List.of(), refusal.hint());
    }

    private static Found warning(String app, String check, String message) {
        return new Found(new Finding(app, check, Severity.WARNING, message, List.of(), ""), false);
    }

    private static List<Found> byApp(List<AppSpec> apps, List<Found> all) {
        List<Found> sorted = new ArrayList<>();
        for (AppSpec app : apps) {
            for (Found found : all) {
                if (found.finding().app().equals(app.name())) {
                    sorted.add(found);
                }
            }
        }
        return sorted;
    }
}
