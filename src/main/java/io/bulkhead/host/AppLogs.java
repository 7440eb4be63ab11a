package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.LogPaths;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The log of each instance, under its path of {@link LogPaths}. */
final class AppLogs {

    private final Path folder;
    private final LogPump pump;

    AppLogs(Path folder, LogPump pump) {
        this.folder = folder;
        this.pump = pump;
    }

    /** The log of stdout, and of stderr too unless they are kept apart. Its settings are those of {@code app} from now on. */
    LogFile outputFile(InstanceId instance, AppSpec app) {
        return pump.file(LogPaths.output(folder, app, instance.index()), app.log());
    }

    LogFile errorFile(InstanceId instance, AppSpec app) {
        return pump.file(LogPaths.errors(folder, app, instance.index()), app.log());
    }

    /**
     * Brings what comes from now on into the files that {@code app} has: their names change with the number of instances, from one to
     * several and back. What waits in the pipes still goes where it went.
     */
    void redirect(Compartment compartment, AppSpec app) throws IOException {
        List<LogFile> files = all(compartment.instance, app);
        List<LogSource> sources = compartment.logs;
        if (files.size() != sources.size() || sources.getFirst().mark.length > 0) {
            return; // stderr is kept apart from the next run on; a hook's output ends with the hook
        }
        List<LogSource> next = new ArrayList<>();
        for (int i = 0; i < files.size(); i++) {
            LogSource source = sources.get(i);
            if (source.file == files.get(i)) {
                next.add(source);
            } else {
                LogSource moved = new LogSource(source.fifo, files.get(i));
                pump.detach(source, () -> {});
                pump.attach(moved);
                next.add(moved);
            }
        }
        compartment.logs = List.copyOf(next);
    }

    /** Every log of one instance, stderr's last. */
    List<LogFile> all(InstanceId instance, AppSpec app) {
        List<LogFile> files = new ArrayList<>();
        files.add(outputFile(instance, app));
        if (app.log().split()) {
            files.add(errorFile(instance, app));
        }
        return files;
    }
}
