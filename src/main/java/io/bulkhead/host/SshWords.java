package io.bulkhead.host;

import java.util.List;
import java.util.Optional;

/** What the last lines of an ssh mean (messages of OpenSSH 9.2, ssh.c, sshconnect.c, clientloop.c). */
final class SshWords {

    private SshWords() {}

    /** Why it ended, in one sentence; empty when it said nothing. */
    static Optional<String> of(List<String> lines) {
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (line.contains("REMOTE HOST IDENTIFICATION HAS CHANGED")
                    || line.startsWith("Host key verification failed")) {
                return Optional.of(
                        "the server shows another host key than the one that was trusted: find out why before"
                                + " you trust the new one with bulkhead tunnel trust");
            }
            if (line.contains("Permission denied (")) {
                return Optional.of("the server does not let this key in: bulkhead tunnel key prints the line for its"
                        + " authorized_keys");
            }
            if (line.startsWith("Timeout, server")) {
                return Optional.of("the server has stopped answering");
            }
        }
        for (int i = lines.size() - 1; i >= 0; i--) {
            String line = lines.get(i).strip();
            if (!line.isEmpty()) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }
}
