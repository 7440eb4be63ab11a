package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.guard.Checks;
import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Home;
import io.bulkhead.spec.Spec;
import io.bulkhead.story.StateStore;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The checks of a configuration that a person brings up, asked before its daemon begins. In a child, since the asker may become that daemon. What keeps a single app from
 * starting is left to the daemon, which starts the others and that one when it can.
 */
public final class Upfront {

    private static final int CHILD_MILLIS = 2 * (int) Checks.PATIENCE.toMillis() + 10_000;

    private Upfront() {}

    /**
     * @param skipped names of checks that are not asked
     * @return findings as in {@code check --json}; none where programs of a former daemon live: without one nobody would look after them
     * @throws IOException when nothing could be asked
     * @throws IllegalArgumentException when one to be skipped does not exist, with those that do
     */
    public static List<Doc> look(Home home, Spec spec, Map<String, String> environment, Set<String> skipped)
            throws IOException {
        List<String> apps = new ArrayList<>();
        for (AppSpec app : spec.apps().values()) {
            if (app.autostart()) {
                apps.add(app.name());
            }
        }
        if (apps.isEmpty() || Compartments.anyLeft(home.run())) {
            return List.of();
        }
        AppChecks.Question question = new AppChecks.Question(
                spec,
                apps,
                skipped,
                spec.server().inheritEnvironment() ? environment : Map.of(),
                0,
                Set.of(),
                Set.of(),
                Checks.PATIENCE,
                false,
                new StateStore(home.state()).notes(StateStore.Note.SERVER));
        List<Doc> findings = new ArrayList<>();
        for (Doc found : GuardChild.packaged().ask(ChecksJob.NAME, ChecksJob.request(question), CHILD_MILLIS)) {
            if (found.has(ChecksJob.UNKNOWN)) {
                throw new IllegalArgumentException(ChecksJob.unknown(found));
            }
            if (!found.flag(ChecksJob.PREVENTS) && !found.text("severity").equals("info")) {
                findings.add(found);
            }
        }
        return findings;
    }
}
