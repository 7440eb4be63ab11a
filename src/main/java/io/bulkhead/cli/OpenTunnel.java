package io.bulkhead.cli;

import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * {@code tunnel open FORWARD VIA}: the tunnel lives as long as this command, which waits for the end of the daemon's answer. When the command dies, however, its
 * connection ends, and the daemon closes the tunnel. When the daemon dies, the command asks the next one for the same tunnel; when none comes, it ends the ssh itself.
 */
final class OpenTunnel {

    private static final long LOOK_NANOS = 500_000_000L;
    private static final long RETURN_NANOS = Duration.ofSeconds(15).toNanos();

    /** An input that is at its end so soon was never anybody. */
    private static final long EMPTY_INPUT_NANOS = Duration.ofSeconds(1).toNanos();

    private final Session session;
    private final Map<String, @Nullable Object> options;
    private Doc up = Doc.EMPTY;
    private boolean told;

    OpenTunnel(Session session, Map<String, @Nullable Object> options) {
        this.session = session;
        this.options = new LinkedHashMap<>(options);
    }

    int run() throws IOException, Failure {
        watchWhoAsked();
        long lost = 0;
        while (true) {
            Optional<String> ended;
            try {
                ended = hold();
            } catch (Failure failure) {
                boolean returned = failure.error().text("code").equals(Session.NO_DAEMON);
                if (up.equals(Doc.EMPTY) || !returned) {
                    throw failure;
                }
                if (System.nanoTime() - lost > RETURN_NANOS || !sshLives()) {
                    endSsh();
                    throw Failure.of(1, "daemon-gone", "the daemon has ended, and the tunnel with it", "");
                }
                LockSupport.parkNanos(LOOK_NANOS);
                continue;
            }
            if (ended.isPresent()) {
                session.err().line("closed: " + Text.safe(ended.get())).flush();
                return 0;
            }
            lost = System.nanoTime();
            options.put("again", true);
        }
    }

    /** Why it ended; empty when the daemon is gone. */
    private Optional<String> hold() throws IOException, Failure {
        try (Reply reply = session.post("/v1/tunnels/open", options);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(reply.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Doc said = Doc.of(Json.readTrusted(line));
                if (said.has("ended")) {
                    return Optional.of(said.text("ended"));
                }
                up = said;
                tell(said);
            }
        } catch (IOException gone) {
            if (up.equals(Doc.EMPTY)) {
                throw gone;
            }
        } catch (JsonException bug) {
            throw new IOException("the daemon's answer is not JSON", bug);
        }
        return Optional.empty();
    }

    private void tell(Doc said) throws IOException {
        if (told) {
            return;
        }
        told = true;
        if (session.json()) {
            session.out().line(Json.write(said.members())).flush();
        } else {
            session.out()
                    .line(Text.safe(said.text("name") + ": " + said.text("message")))
                    .flush();
            session.err()
                    .line("Ctrl-C closes it, and so does the end of this terminal")
                    .flush();
        }
    }

    private Optional<ProcessHandle> ssh() {
        long started = up.number("started", 0);
        return ProcessHandle.of(up.number("pid", 0))
                .filter(ProcessHandle::isAlive)
                .filter(process -> process.info()
                        .startInstant()
                        .filter(at -> Math.abs(at.toEpochMilli() - started) < 5_000)
                        .isPresent());
    }

    private boolean sshLives() {
        return ssh().isPresent();
    }

    private void endSsh() {
        ssh().ifPresent(ProcessHandle::destroy);
    }

    /**
     * Ends this command with its terminal, also where the shell died without telling anybody, or, without a terminal, with its input, as when the connection of a remote
     * command is lost.
     */
    private static void watchWhoAsked() {
        Runnable watch = hasTerminal() ? OpenTunnel::untilTerminalIsGone : OpenTunnel::untilInputEnds;
        Thread.ofPlatform().daemon(true).name("who-asked").start(watch);
    }

    /** The controlling terminal cannot be opened any more when it was hung up or its session has lost its leader (tty(4), ENXIO). */
    private static boolean hasTerminal() {
        try (FileInputStream terminal = new FileInputStream("/dev/tty")) {
            return terminal.getFD().valid();
        } catch (IOException none) {
            return false;
        }
    }

    private static void untilTerminalIsGone() {
        while (hasTerminal()) {
            LockSupport.parkNanos(LOOK_NANOS);
        }
        Runtime.getRuntime().halt(129);
    }

    private static void untilInputEnds() {
        long began = System.nanoTime();
        try {
            while (System.in.read() >= 0) {
                began = 0;
            }
        } catch (IOException gone) {
            began = 0;
        }
        if (System.nanoTime() - began > EMPTY_INPUT_NANOS) {
            Runtime.getRuntime().halt(129);
        }
    }
}
