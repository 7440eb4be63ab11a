package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code start}: apps that are there, or a script that becomes one. */
final class StartCommand {

    private static final List<String> OF_SCRIPTS = List.of("name", "instances", "memory");

    private final Session session;
    private final Verbs verbs;
    private final Parsed parsed;

    StartCommand(Session session, Verbs verbs) {
        this.session = session;
        this.verbs = verbs;
        this.parsed = session.parsed();
    }

    int run() throws IOException, Failure, UsageException {
        List<String> named = parsed.arguments().subList(0, parsed.beforeDashes());
        List<String> forScript = parsed.arguments()
                .subList(parsed.beforeDashes(), parsed.arguments().size());
        boolean options = OF_SCRIPTS.stream().anyMatch(parsed::has) || !forScript.isEmpty();
        if (named.isEmpty()) {
            throw new UsageException("bulkhead start: the script is missing", "bulkhead start SCRIPT -- ARGS");
        }
        String first = named.getFirst();
        boolean script = options || Script.looksLikeOne(first) || (isFile(first) && !isApp(first));
        if (!script) {
            return verbs.forApps("start", named, verbs.checked());
        }
        if (named.size() > 1) {
            throw new UsageException(
                    "bulkhead start: one script at a time, and " + Text.safe(named.get(1)) + " stands behind it",
                    "what is for the script stands after two dashes: bulkhead start " + Text.safe(first) + " -- "
                            + Text.safe(named.get(1)));
        }
        return start(Script.find(first, folder(), session.caller().environment()), forScript);
    }

    private boolean isFile(String word) {
        return Files.isRegularFile(folder().resolve(word));
    }

    /** A name means the app: who has a file beside it that is called the same writes ./name. */
    private boolean isApp(String word) throws IOException {
        try {
            for (Doc app : Doc.of(session.document("/v1/status")).docs("apps")) {
                if (app.text("name").equals(word)) {
                    return true;
                }
            }
        } catch (Failure nobodyAnswers) {
            // Then it is no app; whoever is asked to start the script says what is wrong.
        }
        return false;
    }

    /** As the shell shows it: a release behind a link is to be found through the link the next time too. */
    private Path folder() {
        Path physical = session.caller().directory();
        String shown = session.caller().environment().getOrDefault("PWD", "");
        try {
            if (shown.startsWith("/") && Files.isSameFile(Path.of(shown), physical)) {
                return Path.of(shown).normalize();
            }
        } catch (IOException | java.nio.file.InvalidPathException elsewhere) {
            // A variable that somebody set.
        }
        return physical;
    }

    private int start(Script script, List<String> forScript) throws IOException, Failure, UsageException {
        List<String> command = new ArrayList<>(script.command());
        command.addAll(forScript);
        Map<String, @Nullable Object> options = verbs.waiting();
        options.put("name", parsed.value("name", script.name()));
        options.put("command", command);
        options.put("working_dir", folder().toString());
        options.put("path", session.caller().environment().getOrDefault("PATH", ""));
        if (parsed.has("instances")) {
            boolean max = parsed.value("instances", "").equals("max");
            options.put("instances", max ? "max" : (Object) parsed.number("instances", 1, 0, 1000));
        }
        if (parsed.has("memory")) {
            options.put("memory", parsed.value("memory", ""));
        }
        boolean begun = startDaemon();
        Doc outcome = verbs.act("/v1/scripts", options, "starting " + Text.safe(script.name()));
        if (session.json()) {
            session.printJson(outcome.members());
        } else {
            Text.safeLines(outcome.text("message")).forEach(session.out()::line);
            session.out().flush();
        }
        if (begun) {
            session.err()
                    .line("bulkhead: the daemon goes on until bulkhead shutdown; to have it and its apps at boot:"
                            + " bulkhead startup")
                    .flush();
        }
        return (int) outcome.number("exit_code", 0);
    }

    /** Whether there was none, and now is. Root's daemon takes no command from others: theirs is one of their own. */
    private boolean startDaemon() throws IOException, Failure {
        Home home = session.home();
        if (session.ownAnswers()) {
            return false;
        }
        Home system = Home.system(session.caller().systemRoot());
        boolean second = !home.system() && Files.exists(system.socket());
        int pid;
        try {
            pid = session.caller().starter().leave(session.caller(), home);
        } catch (IOException ended) {
            throw Failure.of(3, Session.NO_DAEMON, "no daemon could be started: " + ended.getMessage(), "");
        }
        session.err()
                .line("bulkhead: started a daemon for "
                        + Text.safe(home.folder().toString()) + " (pid " + pid + ")"
                        + (second
                                ? ", of your own beside root's in "
                                        + Text.safe(system.run().toString())
                                : ""))
                .flush();
        return true;
    }
}
