package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import java.io.IOException;

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
            case "start", "stop", "restart", "delete", "reset" ->
                verbs.forApps(command.name(), parsed.arguments(), verbs.waiting());
            case "signal" -> verbs.signal();
            case "shutdown" -> verbs.shutdown();
            case "logs" -> new LogsView(session).run();
            case "help" -> help();
            default ->
                throw Failure.of(1, "not-available-yet", "bulkhead " + command.name() + " is not available yet", "");
        };
    }

    private int status() throws IOException, Failure {
        String app = session.parsed().first();
        Object document =
                session.document(app.isEmpty() ? "/v1/status" : "/v1/status?app=" + io.bulkhead.api.Client.encode(app));
        if (session.json()) {
            return session.printJson(document);
        }
        new StatusView(session.out(), System.currentTimeMillis() / 1000).print(Doc.of(document));
        session.out().flush();
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

    private static int usage(Caller caller, UsageException e) throws IOException {
        Screen err = new Screen(caller.err(), caller.errTerminal(), false, caller.unicode(), caller.columns());
        err.line("bulkhead: " + e.getMessage());
        if (!e.hint().isEmpty()) {
            err.line("  " + e.hint());
        }
        err.flush();
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
