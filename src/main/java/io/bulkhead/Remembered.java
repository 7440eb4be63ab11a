package io.bulkhead;

import io.bulkhead.core.Origin;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Spec;
import io.bulkhead.spec.SpecReader;
import io.bulkhead.story.StateStore;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a former daemon of a home had in force. */
final class Remembered {

    private Remembered() {}

    /** Whether a file has ever brought apps there. */
    static boolean any(Home home) {
        return new StateStore(home.state()).apps().values().stream().anyMatch(app -> app.origin() == Origin.FILE);
    }

    /**
     * {@code now} with the apps as they were applied last, whatever the file says of them by now.
     *
     * @param now settings of the daemon and pools come from it
     */
    static Spec in(Home home, Spec now) {
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        new StateStore(home.state()).apps().forEach((name, app) -> {
            if (app.origin() == Origin.FILE) {
                try {
                    apps.put(name, SpecReader.restore(name, app.source()));
                } catch (IllegalArgumentException otherVersion) {
                    AppSpec written = now.apps().get(name);
                    if (written != null) {
                        apps.put(name, written);
                    }
                }
            }
        });
        return new Spec(now.server(), apps, now.pools(), now.externals(), now.portGuard(), now.files());
    }
}
