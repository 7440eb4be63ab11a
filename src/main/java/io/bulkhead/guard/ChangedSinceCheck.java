package io.bulkhead.guard;

import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Files that were changed since the program that runs has started: it may still go by what they said. By their times, so that nothing need be read at a start nor
 * remembered. That is no mistake, only worth knowing.
 */
final class ChangedSinceCheck implements Check {

    @Override
    public String name() {
        return "drift";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<ProcessFacts> oldest = oldest(subject);
        if (oldest.isEmpty()) {
            return List.of();
        }
        Set<Path> files = new LinkedHashSet<>(subject.app().checks().files());
        files.addAll(subject.app().envFiles());
        files.add(subject.app().workingDir().resolve("package.json"));
        List<String> changed = new ArrayList<>();
        for (Path file : files) {
            if (Files.isRegularFile(file)) {
                Instant written = Files.getLastModifiedTime(file).toInstant();
                if (written.isAfter(oldest.get().started())) {
                    changed.add(file + " was changed at " + written.truncatedTo(ChronoUnit.SECONDS));
                }
            }
        }
        return changed.isEmpty()
                ? List.of()
                : List.of(subject.note(
                        this,
                        "files were changed since " + oldest.get().words() + " started",
                        "for what it reads at its start: bulkhead reload "
                                + subject.app().name() + "; variables one by one: bulkhead env "
                                + subject.app().name(),
                        changed.toArray(String[]::new)));
    }

    /** Of the app's processes that run now, the one that started first. */
    private static Optional<ProcessFacts> oldest(Subject subject) {
        List<ProcessFacts> own = new ArrayList<>();
        for (int pid : subject.ours()) {
            if (Proc.HOST
                    .environment(pid, "BULKHEAD_APP")
                    .filter(subject.app().name()::equals)
                    .isPresent()) {
                ProcessFacts.of(pid).ifPresent(own::add);
            }
        }
        return own.stream().min(Comparator.comparing(ProcessFacts::started));
    }
}
