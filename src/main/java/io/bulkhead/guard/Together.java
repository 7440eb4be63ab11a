package io.bulkhead.guard;

import io.bulkhead.spec.Spec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * What several checks of one run need: found out once for all of them and for all apps in the same folder, by whoever asks first; the others wait. Kept until checks of
 * another configuration, so that a later run sees the files as they are then.
 */
final class Together {

    private static Together last = new Together(null);

    private final @Nullable Spec spec;
    private final Map<Path, FutureTask<InstalledPackages>> packages = new ConcurrentHashMap<>();
    private final Map<Path, FutureTask<Map<String, LockFile.Locked>>> marks = new ConcurrentHashMap<>();

    private Together(@Nullable Spec spec) {
        this.spec = spec;
    }

    /** What lies in its node_modules. */
    static InstalledPackages packages(Subject subject, NodeApp app) throws IOException, InterruptedException {
        return once(of(subject.spec()).packages, app.installed(), () -> InstalledPackages.in(app.installed()));
    }

    /** What npm wrote of its node_modules when it was done; empty where it has not. */
    static Map<String, LockFile.Locked> mark(Subject subject, NodeApp app) throws IOException, InterruptedException {
        Path file = app.modules().resolve(".package-lock.json");
        return once(
                of(subject.spec()).marks,
                file,
                () -> Files.isRegularFile(file) ? LockFile.packages(file, root -> {}) : Map.of());
    }

    private static <T> T once(Map<Path, FutureTask<T>> known, Path key, Callable<T> work)
            throws IOException, InterruptedException {
        FutureTask<T> task = known.computeIfAbsent(key, folder -> new FutureTask<>(work));
        task.run();
        try {
            return task.get();
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof IOException told) {
                throw told;
            }
            throw new IllegalStateException(failed.getCause());
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same run, not an equal configuration
    private static synchronized Together of(Spec spec) {
        if (last.spec != spec) {
            last = new Together(spec);
        }
        return last;
    }
}
