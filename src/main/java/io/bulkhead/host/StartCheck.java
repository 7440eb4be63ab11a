package io.bulkhead.host;

import io.bulkhead.core.Cause;
import io.bulkhead.core.Effect;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.spec.AppSpec;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Asks whether an app could start here and now, by everything that a start does before the first process. */
public final class StartCheck {

    private StartCheck() {}

    /**
     * @param inherit whether apps see the daemon's own environment
     * @param environment the daemon's own
     * @return what is in the way, empty when nothing is
     */
    public static Optional<Refusal> of(AppSpec app, boolean inherit, Map<String, String> environment) {
        InstanceId first = new InstanceId(app.name(), 0);
        try {
            new Launch(Path.of("/"), () -> inherit, environment)
                    .prepare(new Effect.StartRun("check", first, app, Cause.START));
            return Optional.empty();
        } catch (LaunchRefused refused) {
            return Optional.of(refused.refusal());
        }
    }
}
