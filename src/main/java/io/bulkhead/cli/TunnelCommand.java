package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code tunnel open|list|close|key|trust}. */
final class TunnelCommand {

    static final List<String> VERBS = List.of("open", "list", "close", "key", "trust");

    private final Session session;
    private final List<String> words;

    TunnelCommand(Session session) {
        this.session = session;
        this.words = session.parsed().arguments();
    }

    int run() throws IOException, Failure, UsageException {
        String verb = words.getFirst();
        return switch (verb) {
            case "list", "ls" -> list();
            case "open" -> open();
            case "close" -> close();
            case "key" -> key();
            case "trust" -> trust();
            default ->
                throw new UsageException(
                        "tunnel " + Text.safe(verb) + "?",
                        Suggest.hint(verb, VERBS, "bulkhead tunnel open, list, close, key or trust"));
        };
    }

    private int list() throws IOException, Failure {
        Object document = session.document("/v1/tunnels");
        return session.json() ? session.printJson(document) : new TunnelsView(session).print(Doc.list(document));
    }

    private int open() throws IOException, Failure, UsageException {
        Map<String, @Nullable Object> named = named("open");
        if (words.size() == 2) {
            String name = words.get(1);
            for (String option : List.of("for", "idle", "key", "name")) {
                if (session.parsed().has(option)) {
                    throw new UsageException(
                            "--" + option + " is for a tunnel that no file declares",
                            "write it under tunnels: " + name + " in bulkhead.yaml");
                }
            }
            new HostKeys(session).ensure(named);
            Verbs verbs = new Verbs(session);
            return verbs.forApps("start", List.of(name), verbs.waiting());
        }
        new HostKeys(session).ensure(Map.of("via", words.get(2)));
        return new OpenTunnel(session, named).run();
    }

    /** NAME, or FORWARD VIA and the options that go with them. */
    private Map<String, @Nullable Object> named(String verb) throws UsageException, IOException, Failure {
        if (words.size() != 2 && words.size() != 3) {
            throw new UsageException(
                    "tunnel " + verb + ": which one?",
                    "bulkhead tunnel " + verb + " NAME, or FORWARD VIA: 127.0.0.1:5433:localhost:5432 user@host");
        }
        Map<String, @Nullable Object> options = new LinkedHashMap<>();
        if (words.size() == 2) {
            known(words.get(1));
            options.put("name", words.get(1));
            return options;
        }
        options.put("forward", words.get(1));
        options.put("via", words.get(2));
        for (String option : List.of("for", "idle", "name")) {
            if (session.parsed().has(option)) {
                options.put(option, session.parsed().value(option, ""));
            }
        }
        if (session.parsed().has("key")) {
            options.put(
                    "key",
                    session.caller()
                            .directory()
                            .resolve(session.parsed().value("key", ""))
                            .normalize()
                            .toString());
        }
        return options;
    }

    private void known(String name) throws IOException, Failure, UsageException {
        List<String> names = Doc.list(session.document("/v1/tunnels")).stream()
                .map(row -> row.text("name"))
                .toList();
        if (!names.contains(name)) {
            if (name.indexOf(':') >= 0) {
                throw new UsageException(
                        "tunnel open " + Text.safe(name) + " wants a server as well",
                        "bulkhead tunnel open " + Text.safe(name) + " user@host");
            }
            throw Failure.of(
                    4, "no-such-tunnel", "no tunnel " + name, Suggest.hint(name, names, "bulkhead tunnel list"));
        }
    }

    private int close() throws IOException, Failure, UsageException {
        if (words.size() < 2) {
            throw new UsageException("tunnel close: which one?", "bulkhead tunnel list");
        }
        int worst = 0;
        for (String name : words.subList(1, words.size())) {
            try (Reply reply = session.post("/v1/tunnels/" + Client.encode(name) + "/close", Map.of())) {
                Doc outcome = Doc.of(reply.json());
                worst = Math.max(worst, (int) outcome.number("exit_code", 0));
                if (session.json()) {
                    session.printJson(outcome.members());
                } else {
                    session.out().line(Text.safe(name) + ": closed").flush();
                }
            } catch (Failure failure) {
                worst = Math.max(worst, session.fail(failure));
            }
        }
        return worst;
    }

    private int key() throws IOException, Failure, UsageException {
        Map<String, @Nullable Object> options = named("key");
        try (Reply reply = session.post("/v1/tunnels/key", options)) {
            Doc key = Doc.of(reply.json());
            if (session.json()) {
                return session.printJson(key.members());
            }
            // The line alone on stdout: it can be sent on, as in: bulkhead tunnel key NAME | ssh host 'cat >>
            // .ssh/authorized_keys'
            session.err()
                    .line(Text.safe(key.text("file")) + (key.flag("made") ? " was made" : " is there already")
                            + "; this line belongs into authorized_keys on " + Text.safe(key.text("via"))
                            + ", and lets it through to that target alone:")
                    .flush();
            session.out().line(Text.safe(key.text("line"))).flush();
            return 0;
        }
    }

    private int trust() throws IOException, Failure, UsageException {
        if (words.size() != 2) {
            throw new UsageException("tunnel trust: whom?", "bulkhead tunnel trust NAME, or USER@HOST:PORT");
        }
        String whom = words.get(1);
        boolean declared = Doc.list(session.document("/v1/tunnels")).stream()
                .anyMatch(row -> row.text("name").equals(whom));
        return new HostKeys(session).trust(Map.of(declared ? "name" : "via", whom));
    }
}
