package io.bulkhead.cli;

import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The command line of {@code up} and {@code daemon}, which run in the daemon's own program. */
public sealed interface Resident {

    /** Go on as the daemon. */
    record Run(DaemonOptions options) implements Resident {}

    /** Everything is said already (help, a mistake): end with this code. */
    record End(int exitCode) implements Resident {}

    /** Understands {@code words}, beginning with {@code up} or {@code daemon}. */
    static Resident parse(String[] words, Caller caller) {
        try {
            Parsed parsed = Parser.parse(words);
            String name = parsed.command().name();
            if (parsed.has("help") || !(name.equals("up") || name.equals("daemon"))) {
                return new End(Cli.run(words, caller));
            }
            Session session = new Session(caller, parsed);
            boolean up = name.equals("up");
            Path config = up || parsed.has("config")
                    ? ConfigPlace.of(parsed.value(up ? "file" : "config", ""), session)
                    : session.home().config();
            boolean colour = caller.terminal()
                    && !parsed.has("no-color")
                    && caller.environment().getOrDefault("NO_COLOR", "").isEmpty();
            boolean detach = parsed.has("detach");
            return new Run(new DaemonOptions(
                    config,
                    parsed.has(up ? "file" : "config"),
                    session.home(),
                    up && !detach,
                    detach,
                    parsed.has("replace"),
                    parsed.has("force"),
                    skipped(parsed),
                    colour));
        } catch (UsageException e) {
            return new End(Cli.usage(caller, e));
        }
    }

    private static Set<String> skipped(Parsed parsed) {
        String names = parsed.value("skip", "");
        return names.isEmpty() ? Set.of() : new LinkedHashSet<>(List.of(names.split(",")));
    }
}
