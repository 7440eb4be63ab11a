package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Asks a person once whether a server is who it says it is; in a pipe there is nobody to ask. */
final class HostKeys {

    private static final String FINGERPRINT = "fingerprint";

    private final Session session;

    HostKeys(Session session) {
        this.session = session;
    }

    /** Returns when the host key is trusted. @param whom name or via */
    void ensure(Map<String, @Nullable Object> whom) throws IOException, Failure {
        Doc shown = shown(whom, false);
        if (!shown.flag("known")) {
            trust(shown);
        }
    }

    int trust(Map<String, @Nullable Object> whom) throws IOException, Failure {
        Doc shown = shown(whom, true);
        Doc trusted = trust(shown);
        if (session.json()) {
            return session.printJson(trusted.members());
        }
        session.out()
                .line("the host key of " + Text.safe(shown.text("via")) + " is trusted: "
                        + Text.safe(trusted.text(FINGERPRINT)))
                .flush();
        return 0;
    }

    private Doc shown(Map<String, @Nullable Object> whom, boolean again) throws IOException, Failure {
        Map<String, @Nullable Object> question = new LinkedHashMap<>(whom);
        question.put("again", again);
        try (Reply reply = session.post("/v1/tunnels/host-key", question)) {
            return Doc.of(reply.json());
        }
    }

    private Doc trust(Doc shown) throws IOException, Failure {
        String fingerprint = shown.text(FINGERPRINT);
        String via = shown.text("via");
        String expected = session.parsed().value(FINGERPRINT, "");
        if (!expected.isEmpty() && !expected.equals(fingerprint)) {
            throw Failure.of(
                    5,
                    "other-host-key",
                    via + " shows " + fingerprint + ", not " + expected,
                    "do not trust it before you know why");
        }
        if (expected.isEmpty() && !asked(shown, via, fingerprint)) {
            throw Failure.of(
                    5,
                    "host-key",
                    "the host key of " + via + " is not trusted yet; it shows " + shown.text("type") + " "
                            + fingerprint,
                    "compare it with what the server's console says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then:"
                            + " bulkhead tunnel trust " + via + " --fingerprint " + fingerprint);
        }
        Map<String, @Nullable Object> trusted = new LinkedHashMap<>();
        trusted.put("via", via);
        trusted.put("type", shown.text("type"));
        trusted.put("key", shown.text("key"));
        try (Reply reply = session.post("/v1/tunnels/trust", trusted)) {
            return Doc.of(reply.json());
        }
    }

    private boolean asked(Doc shown, String via, String fingerprint) throws IOException {
        if (!session.caller().errTerminal() || session.json()) {
            return false;
        }
        session.err()
                .line(Text.safe(via) + " shows the host key " + Text.safe(shown.text("type")))
                .line("  " + Text.safe(fingerprint))
                .print("Is that what its console says (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub)? yes or no: ")
                .flush();
        try (BufferedReader terminal =
                new BufferedReader(new InputStreamReader(new FileInputStream("/dev/tty"), StandardCharsets.UTF_8))) {
            String answer = terminal.readLine();
            return answer != null && answer.strip().equalsIgnoreCase("yes");
        } catch (IOException noTerminal) {
            return false;
        }
    }
}
