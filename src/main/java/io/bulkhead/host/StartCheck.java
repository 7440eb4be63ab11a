package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.core.Refusal;
import io.bulkhead.guard.Subject;
import io.bulkhead.linux.SpawnFile;
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
     * @param subject for further questions; empty where nothing can be said of what would run
     */
    public record Result(Optional<Refusal> refusal, List<String> notes, Optional<Subject> subject) {}

    /** The word of {@link AppChecks.Question#held} for an address that an app has. */
    static String held(String app, String address) {
        return app + " " + address;
    }

    public static Result of(AppChecks.Question question, AppSpec app) {
        NodeLaunch node = new NodeLaunch(Optional.empty());
        boolean inherits = question.spec().server().inheritEnvironment();
        try {
            SpawnFile file = new Launch(
                            Path.of("/"),
                            () -> inherits,
                            question.environment(),
                            node,
                            Optional.empty(),
                            Optional.empty())
                    .prepare(new InstanceId(app.name(), 0), app)
                    .file();
            return new Result(
                    Sockets.obstacle(
                            app,
                            address -> question.held().contains(held(app.name(), address.text())),
                            question.daemon(),
                            question.spec().portGuard().closesOrphans()),
                    node.setting(app.name()).map(NodeSetting::notes).orElse(List.of()),
                    Optional.of(new Subject(
                            question.spec(),
                            app,
                            file.program(),
                            app.command().argv(),
                            Map.copyOf(file.environment()),
                            file.identity(),
                            question.ours(),
                            question.servers())));
        } catch (LaunchRefused refused) {
            return new Result(Optional.of(refused.refusal()), List.of(), Optional.empty());
        }
    }
}
