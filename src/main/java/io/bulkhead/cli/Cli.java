package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Version;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The command line: one call, one exit code of SPEC section 3. */
public final class Cli {

    private final Session session;

    private Cli(Session session) {
        this.session = session;
    }

    /** Runs one command and answers with its exit code. Throws nothing: what goes wrong is said on {@code caller.err()}. */
    public static int run(String[] words, Caller caller) {
        try {
            Session session;
            try {
                session = new Session(caller, Parser.parse(words));
            } catch (UsageException e) {
                return usage(caller, e);
            }
            try {
                return new Cli(session).run();
            } catch (Failure failure) {
                return session.fail(failure);
            } catch (UsageException e) {
                session.out().flush();
                return usage(caller, e);
            }
        } catch (IOException e) {
            return lost(caller, e);
        }
    }

    private int run() throws IOException, Failure, UsageException {
        Parsed parsed = session.parsed();
        Command command = parsed.command();
        if (parsed.has("help") && !command.name().equals("help")) {
            Help.command(session.out(), command);
            return 0;
        }
        if (command.group() == Command.Group.LATER) {
            throw Failure.of(
                    1, "not-available-yet", "bulkhead " + command.name() + " is not available yet", command.summary());
        }
        Verbs verbs = new Verbs(session);
        return switch (command.name()) {
            case "status" -> status();
            case "start" -> new StartCommand(session, verbs).run();
            case "restart", "reload" -> verbs.forApps(command.name(), parsed.arguments(), verbs.checked());
            case "stop", "delete", "reset" -> verbs.forApps(command.name(), parsed.arguments(), verbs.waiting());
            case "signal" -> verbs.signal();
            case "scale" -> verbs.scale();
            case "shutdown" -> verbs.shutdown();
            case "apply" -> new ApplyCommand(session).run();
            case "logs" -> new LogsView(session).run();
            case "events" -> new EventsView(session).run();
            case "incidents" -> new IncidentView(session).list();
            case "why" -> new IncidentView(session).why();
            case "memory" -> new MemoryView(session).run();
            case "connections" -> new ConnectionsView(session).run();
            case "ports" -> new PortsView(session).run();
            case "env" -> new EnvView(session).run();
            case "processes" -> new ProcessesView(session).run();
            case "show" -> new ShowView(session).run();
            case "doctor" -> doctor();
            case "check" -> new CheckCommand(session).run();
            case "schema" -> print(io.bulkhead.spec.SchemaWriter.write() + "\n");
            case "init" -> FirstFile.write(session);
            case "startup" -> new StartupCommand(session).startup();
            case "unstartup" -> new StartupCommand(session).unstartup();
            case "save" -> print("nothing to do: state is always saved\n");
            case "resurrect" -> print("nothing to do: what ran comes back by itself when the daemon starts\n");
            case "completion" -> print(Completion.script(parsed.first()));
            case "man" -> print(ManPage.text());
            case "__apps" -> apps();
            case "version" -> version();
            case "help" -> help();
            default ->
                throw Failure.of(
                        1,
                        "wrong-program",
                        "bulkhead " + command.name() + " runs in the daemon's program",
                        "start it with the bulkhead launcher");
        };
    }

    private int status() throws IOException, Failure {
        String app = session.parsed().first();
        Object document = session.document(app.isEmpty() ? "/v1/status" : "/v1/status?app=" + Client.encode(app));
        if (session.json()) {
            return session.printJson(document);
        }
        new StatusView(session.out(), System.currentTimeMillis() / 1000).print(Doc.of(document));
        session.out().flush();
        return 0;
    }

    private int doctor() throws IOException, Failure {
        Object document;
        try {
            document = session.document("/v1/doctor");
        } catch (Failure failure) {
            document = withoutDaemon(failure);
        }
        if (session.json()) {
            return session.printJson(document);
        }
        Findings.print(session.out(), Doc.of(document).docs("findings"));
        session.out().flush();
        return 0;
    }

    /** What is wrong with the host may be why none runs: so we look ourselves, and say that we did. */
    private Map<String, @Nullable Object> withoutDaemon(Failure failure) throws Failure {
        if (!failure.error().text("code").equals(Session.NO_DAEMON)) {
            throw failure;
        }
        Map<String, @Nullable Object> none = new LinkedHashMap<>();
        none.put("check", "daemon");
        none.put("severity", "info");
        none.put("message", failure.getMessage() + "; this is what you would find here");
        none.put("evidence", "");
        none.put("fix", failure.error().text("hint"));
        List<@Nullable Object> findings = new ArrayList<>();
        findings.add(none);
        findings.addAll(session.caller().preflight().doctor(session.home()));
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("findings", findings);
        return document;
    }

    /** For completion: quick, and quiet when there is no daemon. */
    private int apps() throws IOException {
        try {
            for (Doc app : Doc.of(session.document("/v1/status")).docs("apps")) {
                session.out().line(Text.safe(app.text("name")));
            }
        } catch (Failure e) {
            return 0;
        }
        session.out().flush();
        return 0;
    }

    private int version() throws IOException {
        Doc daemon = Doc.EMPTY;
        try {
            daemon = Doc.of(session.document("/v1/status")).doc("daemon");
        } catch (Failure e) {
            // Without a daemon there is one version only.
        }
        if (session.json()) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("version", Version.TEXT);
            document.put("daemon", daemon.has("version") ? daemon.text("version") : null);
            return session.printJson(document);
        }
        session.out().line("bulkhead " + Version.TEXT);
        if (daemon.has("version") && !daemon.text("version").equals(Version.TEXT)) {
            session.out()
                    .line("the daemon that runs is " + Text.safe(daemon.text("version")) + ": restart it to update it");
        }
        session.out().flush();
        return 0;
    }

    private int print(String text) throws IOException {
        session.out().print(text).flush();
        return 0;
    }

    private int help() throws IOException, UsageException {
        String about = session.parsed().first();
        if (about.isEmpty()) {
            Help.overview(session.out());
        } else {
            Help.command(session.out(), Parser.named(about));
        }
        return 0;
    }

    static int usage(Caller caller, UsageException e) {
        Screen err = new Screen(caller.err(), caller.errTerminal(), false, caller.unicode(), caller.columns());
        err.line("bulkhead: " + e.getMessage());
        if (!e.hint().isEmpty()) {
            err.line("  " + e.hint());
        }
        try {
            err.flush();
        } catch (IOException nobodyReads) {
            // The exit code is all that is left to say.
        }
        return 2;
    }

    /** The daemon or the reader of our output went away in the middle. */
    private static int lost(Caller caller, IOException e) {
        String message = e.getMessage() + "";
        if (message.contains("Broken pipe")) {
            return 0; // bulkhead logs | head: nothing is wrong
        }
        try {
            new Screen(caller.err(), false, false, false, 0)
                    .line("bulkhead: " + Text.safe(message))
                    .flush();
        } catch (IOException again) {
            // Nobody reads errors either.
        }
        return 1;
    }
}
