package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.NoDaemonException;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One call of one command: what was asked, by whom, and the ways to answer. */
final class Session {

    /** The code of a failure where nobody could be asked. */
    static final String NO_DAEMON = "no-daemon";

    private final Caller caller;
    private final Parsed parsed;
    private final Home home;
    private final Screen out;
    private final Screen err;

    Session(Caller caller, Parsed parsed) {
        this.caller = caller;
        this.parsed = parsed;
        this.home = Home.resolve(
                parsed.value("home", ""), caller.environment(), caller.root(), caller.directory(), caller.systemRoot());
        boolean wanted = !parsed.has("no-color")
                && caller.environment().getOrDefault("NO_COLOR", "").isEmpty();
        this.out = new Screen(
                caller.out(), caller.terminal(), wanted && caller.terminal(), caller.unicode(), caller.columns());
        this.err = new Screen(
                caller.err(), caller.errTerminal(), wanted && caller.errTerminal(), caller.unicode(), caller.columns());
    }

    Caller caller() {
        return caller;
    }

    Parsed parsed() {
        return parsed;
    }

    Home home() {
        return home;
    }

    Screen out() {
        return out;
    }

    Screen err() {
        return err;
    }

    boolean json() {
        return parsed.has("json");
    }

    /**
     * The daemon to talk to: the home's own; for an ordinary user who named no home and has none running, root's, where
     * the socket's group lets them in.
     *
     * @throws Failure with exit code 3 when there is none
     */
    Client client() throws Failure {
        Client own = new Client(home.socket());
        if (home.system() || parsed.has("home") || caller.environment().containsKey(Home.VARIABLE) || own.reachable()) {
            return own;
        }
        Client roots = new Client(Home.system(caller.systemRoot()).socket());
        return roots.reachable() ? roots : own;
    }

    /**
     * Whether the home's own daemon answers.
     *
     * @throws Failure with exit code 3 where it may not be asked
     */
    boolean ownAnswers() throws Failure, IOException {
        try (Reply reply = new Client(home.socket()).get("/v1/status")) {
            return reply.status() == 200;
        } catch (NoDaemonException e) {
            if (e.why() == NoDaemonException.Why.DENIED) {
                throw noDaemon(e);
            }
            return false;
        }
    }

    /** @throws Failure with exit code 3 when there is no daemon, or with what the daemon answered */
    Reply get(String target) throws Failure, IOException {
        try {
            return answered(client().get(target));
        } catch (NoDaemonException e) {
            throw noDaemon(e);
        }
    }

    Reply post(String target, Map<String, @Nullable Object> body) throws Failure, IOException {
        try {
            return answered(client().post(target, body));
        } catch (NoDaemonException e) {
            throw noDaemon(e);
        }
    }

    /** One JSON document of the daemon. */
    @Nullable
    Object document(String target) throws Failure, IOException {
        try (Reply reply = get(target)) {
            return reply.json();
        }
    }

    /** Prints {@code document} for a program. */
    int printJson(@Nullable Object document) throws IOException {
        out.line(Json.pretty(document)).flush();
        return 0;
    }

    /** Prints a failure in the form that was asked for. */
    int fail(Failure failure) throws IOException {
        out.flush();
        if (json()) {
            Map<String, @Nullable Object> error =
                    new LinkedHashMap<>(failure.error().members());
            error.putIfAbsent("message", failure.getMessage());
            if (failure.document().has("failed")) {
                error.put("failed", failure.document().members().get("failed"));
            }
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("error", error);
            err.line(Json.pretty(document)).flush();
        } else {
            String who = err.paint(Colour.RED, "bulkhead: ");
            for (String line : Text.safeLines(failure.getMessage() + "")) {
                err.line(who + line);
                who = "  ";
            }
            String hint = failure.error().text("hint");
            if (!hint.isEmpty()) {
                err.line("  " + Text.safe(hint));
            }
            for (Doc failed : failure.document().docs("failed")) {
                List<String> lines = failed.texts("lines");
                if (!lines.isEmpty()) {
                    err.line("  last lines of " + Text.safe(failed.text("instance")) + ":");
                    for (String line : lines) {
                        err.line("    " + Text.safeLine(line));
                    }
                }
            }
            err.flush();
        }
        return failure.exitCode();
    }

    private static Reply answered(Reply reply) throws Failure, IOException {
        if (reply.status() == 200) {
            return reply;
        }
        try (reply) {
            Doc document = Doc.of(reply.json());
            Doc error = document.doc("error");
            String message = error.has("message") ? error.text("message") : document.text("message");
            if (message.isEmpty()) {
                message = "the daemon answered " + reply.status();
            }
            throw new Failure((int) document.number("exit_code", 1), message, document);
        }
    }

    private Failure noDaemon(NoDaemonException e) {
        Home system = Home.system(caller.systemRoot());
        if (e.why() == NoDaemonException.Why.DENIED) {
            return Failure.of(
                    3,
                    NO_DAEMON,
                    e.getMessage() + "",
                    "sudo bulkhead " + parsed.command().name()
                            + (home.system() ? "" : " --home " + home.folder())
                            + ", or be a member of that group where its mode lets a group in (see SECURITY.md)");
        }
        if (!home.system()
                && !caller.root()
                && java.nio.file.Files.exists(system.run())
                && !parsed.has("home")
                && !caller.environment().containsKey(Home.VARIABLE)) {
            return Failure.of(
                    3,
                    NO_DAEMON,
                    "no daemon of yours runs (" + home.folder() + "); root's lives in " + system.run(),
                    "sudo bulkhead " + parsed.command().name() + ", or bulkhead up to run one of your own");
        }
        String dead = e.why() == NoDaemonException.Why.DEAD
                ? ", the last one died, and its apps go on: a new one takes them over (up -d -f FILE, or daemon --config FILE)"
                : "";
        return Failure.of(
                3,
                NO_DAEMON,
                "no daemon runs for " + home.folder() + dead,
                "bulkhead up -f FILE runs one here, bulkhead up -d -f FILE leaves one running");
    }
}
