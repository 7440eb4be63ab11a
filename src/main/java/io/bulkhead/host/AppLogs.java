package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.LogPaths;
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
