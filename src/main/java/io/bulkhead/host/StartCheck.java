package io.bulkhead.host;

import io.bulkhead.core.Cause;
import io.bulkhead.core.Effect;
import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.spec.AppSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Asks whether an app could start here and now, by everything that a start does before the first process. */
public final class StartCheck {

    private StartCheck() {}

    /**
     * @param refusal what is in the way, empty when nothing is
     * @param notes what was asked for and would not be done, one sentence each
     */
    public record Result(Optional<Refusal> refusal, List<String> notes) {}

    /**
     * @param inherit whether apps see the daemon's own environment
     * @param environment the daemon's own
     */
    public static Result of(AppSpec app, boolean inherit, Map<String, String> environment) {
        InstanceId first = new InstanceId(app.name(), 0);
        NodeLaunch node = new NodeLaunch(Optional.empty());
        try {
            new Launch(Path.of("/"), () -> inherit, environment, node, Optional.empty(), Optional.empty())
                    .prepare(new Effect.StartRun("check", first, app, Cause.START, false), 0);
            return new Result(
                    Sockets.obstacle(app),
                    node.setting(app.name()).map(NodeSetting::notes).orElse(List.of()));
        } catch (LaunchRefused refused) {
            return new Result(Optional.of(refused.refusal()), List.of());
        }
    }
}
