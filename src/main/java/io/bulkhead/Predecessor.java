package io.bulkhead;

import io.bulkhead.api.Client;
import io.bulkhead.api.Doc;
import io.bulkhead.api.Reply;
import io.bulkhead.linux.FileLock;
import io.bulkhead.spec.Home;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The daemon that {@code daemon --replace} takes over from. It is asked only when everything that can go wrong before is known to be well; from then on it
 * watches the new one, and goes on itself when that ends before it serves ({@link Reign}).
 *
 * @param pid its process
 * @param file the configuration it used last; empty for one too old to tell
 */
record Predecessor(Home home, int pid, Optional<Path> file) {

    /** A daemon ends within a second, unless its disk is stuck. */
    private static final long PATIENCE_MILLIS = 30_000;

    private static final long POLL_MILLIS = 5;

    /** The one that answers on {@code home}. */
    static Optional<Predecessor> of(Home home) throws IOException {
        Client client = new Client(home.socket());
        if (!client.reachable()) {
            return Optional.empty();
        }
        try (Reply reply = client.get("/v1/status")) {
            Doc daemon = Doc.of(reply.json()).doc("daemon");
            return Optional.of(new Predecessor(
                    home,
                    (int) daemon.number("pid", 0),
                    Optional.of(daemon.text("file"))
                            .filter(name -> !name.isEmpty())
                            .map(Path::of)));
        }
    }

    /**
     * Asks it to let go of its home, and waits until it has.
     *
     * @throws IOException when it refuses, or does not let go in time; then it goes on
     */
    FileLock takeOver() throws IOException {
        Map<String, @Nullable Object> body = new LinkedHashMap<>();
        body.put("keep_apps", true);
        body.put("replaced_by", ProcessHandle.current().pid());
        try (Reply reply = new Client(home.socket()).post("/v1/shutdown", body)) {
            Doc answer = Doc.of(reply.json());
            if (reply.status() != 200) {
                Doc error = answer.doc("error");
                String hint = error.text("hint");
                throw new IOException(error.text("message") + (hint.isEmpty() ? "" : "\n  " + hint));
            }
        }
        return await(home)
                .orElseThrow(() -> new IOException("the running daemon (pid " + pid + ") does not let go of "
                        + home.folder() + ": it goes on; its log: bulkhead logs --daemon"));
    }

    /** The lock of {@code home}, as soon as whoever has it lets go; empty when that takes longer than thirty seconds. */
    static Optional<FileLock> await(Home home) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (true) {
            Optional<FileLock> lock = FileLock.tryTake(home.run().resolve("lock"));
            if (lock.isPresent() || System.nanoTime() > end) {
                return lock;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS));
        }
    }
}
