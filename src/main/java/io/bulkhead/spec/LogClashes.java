package io.bulkhead.spec;

import io.bulkhead.spec.Merge.Declared;
import io.bulkhead.spec.SourceText.Place;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/**
 * Two apps whose output would go to one file: one {@code log.file} for both, or an app {@code x} of several instances, whose logs are
 * x-0.log and so on, beside an app {@code x-0}.
 */
final class LogClashes {

    /** Files that are compared; a configuration that has more of them has other worries. */
    private static final int MOST_FILES = 100_000;

    /** Stands for the log folder, which the configuration does not know. */
    private static final Path FOLDER = Path.of("");

    private final Map<String, Declared> apps;
    private final Problems problems;
    private final Map<Path, String> owners = new HashMap<>();

    LogClashes(Map<String, Declared> apps, Problems problems) {
        this.apps = apps;
        this.problems = problems;
    }

    void check(Iterable<AppSpec> bound) {
        for (AppSpec app : bound) {
            check(app);
        }
    }

    private void check(AppSpec app) {
        for (int instance = 0; instance < app.instances() && owners.size() < MOST_FILES; instance++) {
            for (Path file : LogPaths.all(FOLDER, app, instance)) {
                String other = owners.putIfAbsent(file, app.name());
                if (other != null && !other.equals(app.name())) {
                    problems.error(
                            placeOf(app.name()),
                            "the app " + Words.quoted(app.name()) + " writes its output to " + file + ", as does "
                                    + Words.quoted(other) + " ("
                                    + placeOf(other).shown() + ")",
                            "rename one of them, or give one another log.file");
                    return;
                }
            }
        }
    }

    /** What led to the file's name: {@code log.file}, or the app's own. */
    private Place placeOf(String app) {
        Values values = Objects.requireNonNull(apps.get(app)).values();
        return values.get(AppKeys.LOG)
                .filter(log -> log.has(LogKeys.FILE))
                .map(log -> log.place(LogKeys.FILE))
                .orElse(values.place());
    }
}
