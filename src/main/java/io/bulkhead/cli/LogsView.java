package io.bulkhead.cli;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** {@code logs}: bytes as they are into a pipe, lines with coloured names and without tricks onto a terminal. */
final class LogsView {

    private static final int LONGEST_LINE = 64 << 10;

    private final Session session;

    LogsView(Session session) {
        this.session = session;
    }

    int run() throws IOException, Failure, UsageException {
        Parsed parsed = session.parsed();
        String target = parsed.arguments().isEmpty() ? "all" : parsed.first();
        if (parsed.has("path")) {
            return paths(target);
        }
        boolean several = !parsed.has("daemon") && several(target);
        StringBuilder query =
                new StringBuilder("/v1/logs/").append(Verbs.path(target)).append('?');
        int lines = parsed.number("lines", 50, 0, 1_000_000);
        if (parsed.has("lines") || !parsed.has("since")) {
            query.append("n=").append(lines).append('&');
        }
        add(query, "since", parsed.value("since", ""));
        add(query, "grep", parsed.value("grep", ""));
        flag(query, "follow", parsed.has("follow"));
        flag(query, "err", parsed.has("err"));
        flag(query, "daemon", parsed.has("daemon"));
        flag(query, "prefix", several);
        try (Reply reply = session.get(query.toString())) {
            if (session.out().terminal()) {
                show(reply.body(), several);
            } else {
                copy(reply.body());
            }
        }
        return 0;
    }

    private int paths(String target) throws IOException, Failure {
        Object paths = session.document("/v1/logs/" + Verbs.path(target) + "?path=1");
        if (session.json()) {
            return session.printJson(paths);
        }
        if (paths instanceof List<?> list) {
            for (Object path : list) {
                session.out().line(String.valueOf(path));
            }
        }
        session.out().flush();
        return 0;
    }

    /** Whether lines of more than one program come, so that each needs a name before it. */
    private boolean several(String target) throws IOException, Failure {
        if (target.indexOf('/') >= 0) {
            return false;
        }
        String app = target.equals("all") ? "" : target;
        List<Doc> apps =
                Doc.of(session.document("/v1/status?app=" + Client.encode(app))).docs("apps");
        return apps.size() > 1
                || (apps.size() == 1 && apps.getFirst().docs("instances").size() > 1);
    }

    private void copy(InputStream body) throws IOException {
        byte[] buffer = new byte[16 << 10];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            session.caller().out().write(buffer, 0, count);
            session.caller().out().flush();
        }
    }

    private void show(InputStream body, boolean prefixed) throws IOException {
        LineInput lines = new LineInput(body, LONGEST_LINE);
        Prefix prefix = new Prefix(session.out());
        for (byte[] line = lines.next(); line != null; line = lines.next()) {
            String text = new String(line, StandardCharsets.UTF_8);
            session.out().line(prefixed ? prefix.paint(text) : Text.safeLine(text));
            if (!lines.more()) {
                session.out().flush();
            }
        }
        session.out().flush();
    }

    private static void add(StringBuilder query, String name, String value) {
        if (!value.isEmpty()) {
            query.append(name).append('=').append(Client.encode(value)).append('&');
        }
    }

    private static void flag(StringBuilder query, String name, boolean on) {
        if (on) {
            query.append(name).append("=1&");
        }
    }
}
