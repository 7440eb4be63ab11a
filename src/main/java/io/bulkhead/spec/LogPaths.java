package io.bulkhead.spec;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Which files an app's output goes to: {@code APP.log} with one instance, else {@code APP-0.log} and so on. */
public final class LogPaths {

    private LogPaths() {}

    /** One instance's log of stdout, and of stderr too unless they are kept apart. */
    public static Path output(Path folder, AppSpec app, int instance) {
        return path(folder, app, instance, app.log().split() ? ".out" : "");
    }

    /** One instance's log of stderr, where it is kept apart. */
    public static Path errors(Path folder, AppSpec app, int instance) {
        return path(folder, app, instance, ".err");
    }

    /** Every log of one instance, stderr's last. */
    public static List<Path> all(Path folder, AppSpec app, int instance) {
        List<Path> paths = new ArrayList<>(2);
        paths.add(output(folder, app, instance));
        if (app.log().split()) {
            paths.add(errors(folder, app, instance));
        }
        return paths;
    }

    /** {@code log.file: /srv/x.log} of several instances becomes {@code /srv/x-0.log}; split, {@code /srv/x.out.log}. */
    private static Path path(Path folder, AppSpec app, int instance, String stream) {
        Path base = app.log().file().orElse(folder.resolve(app.name() + ".log"));
        String name = String.valueOf(base.getFileName());
        int dot = name.lastIndexOf('.') > 0 ? name.lastIndexOf('.') : name.length();
        String number = app.instances() == 1 && instance == 0 ? "" : "-" + instance;
        return base.resolveSibling(name.substring(0, dot) + number + stream + name.substring(dot));
    }
}
