package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.spec.AppSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where the log of each instance is: {@code APP.log} with one instance, else {@code APP-0.log} and so on. */
final class AppLogs {

    private final Path folder;
    private final LogPump pump;

    AppLogs(Path folder, LogPump pump) {
        this.folder = folder;
        this.pump = pump;
    }

    /** The log of stdout, and of stderr too unless they are kept apart. Its settings are those of {@code app} from now on. */
    LogFile outputFile(InstanceId instance, AppSpec app) {
        return pump.file(path(instance, app, app.log().split() ? ".out" : ""), app.log());
    }

    LogFile errorFile(InstanceId instance, AppSpec app) {
        return pump.file(path(instance, app, ".err"), app.log());
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

    /** {@code log.file: /srv/x.log} of several instances becomes {@code /srv/x-0.log}; split, {@code /srv/x.out.log}. */
    private Path path(InstanceId instance, AppSpec app, String stream) {
        Path base = app.log().file().orElse(folder.resolve(app.name() + ".log"));
        String name = base.getFileName().toString();
        int dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
        String number = app.instances() == 1 && instance.index() == 0 ? "" : "-" + instance.index();
        return base.resolveSibling(name.substring(0, dot) + number + stream + name.substring(dot));
    }
}
