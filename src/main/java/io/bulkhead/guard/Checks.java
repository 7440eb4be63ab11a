package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** All checks, and their run: side by side, within a time, whatever one of them does. Not in the daemon: it would keep their classes for good. */
public final class Checks {

    /** Of all checks of all apps that are asked for together. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    /** More than there are processors: most checks wait for a file, a name server or a short command. */
    private static final int AT_ONCE = 16;

    /** Asked before every start by a person. */
    private static final List<Check> ALWAYS = List.of(
            new EnvFilesCheck(),
            new EnvExampleCheck(),
            new NamedFilesCheck(),
            new WritableCheck(),
            new DiskCheck(),
            new FreeMemoryCheck(),
            new ExternalsCheck(),
            new ClockCheck(),
            new ConnectionBudget(),
            new ExternalIdentity(),
            new DescriptorsCheck(),
            new KillByNameCheck());

    /** Asked by {@code bulkhead check} alone: what somebody who starts an app every day has been told often enough. */
    private static final List<Check> IN_FULL =
            List.of(new RootRunCheck(), new SecretFilesCheck(), new ChangedSinceCheck(), new UnguardedHealth());

    private Checks() {}

    /** Hears how far a run is. From any of its threads. */
    public interface Progress {
        void done(int checks, int of);
    }

    /** The names that {@code --skip} knows. */
    public static Set<String> names() {
        Set<String> names = new TreeSet<>();
        for (Check check : all()) {
            names.add(check.name());
        }
        return names;
    }

    private static List<Check> always() {
        List<Check> always = new ArrayList<>(ALWAYS);
        always.addAll(PackageChecks.ALL);
        return always;
    }

    static List<Check> all() {
        List<Check> all = always();
        all.addAll(IN_FULL);
        return all;
    }

    /**
     * @param skipped names of checks that are not asked
     * @param inFull whether also those that are asked by {@code bulkhead check} alone
     */
    public static List<Finding> look(
            List<Subject> subjects, Set<String> skipped, boolean inFull, Duration patience, Progress progress)
            throws InterruptedException {
        List<Check> asked = inFull ? all() : always();
        asked.removeIf(check -> skipped.contains(check.name()));
        return look(asked, subjects, patience, progress);
    }

    /** What {@code checks} find, by app and then in the order of the checks. One that fails or is late is a warning of its own name. */
    static List<Finding> look(List<Check> checks, List<Subject> subjects, Duration patience, Progress progress)
            throws InterruptedException {
        List<Look> looks = new ArrayList<>();
        AtomicInteger done = new AtomicInteger();
        int all = checks.size() * subjects.size();
        for (Subject subject : subjects) {
            for (Check check : checks) {
                looks.add(new Look(check, subject, () -> progress.done(done.incrementAndGet(), all)));
            }
        }
        List<Finding> findings = new ArrayList<>();
        List<Future<List<Finding>>> ended = sideBySide(looks, patience);
        for (int i = 0; i < looks.size(); i++) {
            findings.addAll(looks.get(i).told(ended.get(i), patience));
        }
        return findings;
    }

    /**
     * Runs {@code tasks} on threads that keep no process alive. Returns when all have ended or {@code patience} is over; those that are late are cancelled.
     *
     * @return as from {@link ExecutorService#invokeAll}: each is done, in the order of the tasks
     */
    public static <T> List<Future<T>> sideBySide(List<? extends Callable<T>> tasks, Duration patience)
            throws InterruptedException {
        if (tasks.isEmpty()) {
            return List.of();
        }
        // Not closed: that would wait for a task that does not hear its interrupt.
        ExecutorService threads = Executors.newFixedThreadPool(
                Math.min(AT_ONCE, tasks.size()),
                Thread.ofPlatform().daemon(true).name("check-", 0).factory());
        try {
            return threads.invokeAll(tasks, patience.toMillis(), TimeUnit.MILLISECONDS);
        } finally {
            threads.shutdownNow();
        }
    }

    private record Look(Check check, Subject subject, Runnable ended) implements Callable<List<Finding>> {

        @Override
        public List<Finding> call() throws Exception {
            try {
                return check.look(subject);
            } finally {
                ended.run();
            }
        }

        List<Finding> told(Future<List<Finding>> look, Duration patience) {
            return switch (look.state()) {
                case SUCCESS -> look.resultNow();
                case FAILED ->
                    List.of(subject.warning(
                            check,
                            "the check " + check.name() + " could not look: " + reason(look.exceptionNow()),
                            ""));
                case CANCELLED, RUNNING ->
                    List.of(subject.warning(
                            check,
                            "the check " + check.name() + " did not end within " + patience.toSeconds()
                                    + " s: what it would have found is not known",
                            "a slow disk or name server? to leave it out: --skip " + check.name()));
            };
        }

        private static String reason(Throwable failed) {
            return failed instanceof java.io.IOException && failed.getMessage() != null
                    ? failed.getMessage()
                    : failed.toString();
        }
    }
}
