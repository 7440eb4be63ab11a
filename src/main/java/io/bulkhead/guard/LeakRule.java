package io.bulkhead.guard;

import io.bulkhead.guard.ServerView.Session;
import io.bulkhead.linux.ServiceSocket;
import io.bulkhead.spec.ServiceUrl.Kind;
import java.util.Optional;

/** When a connection looks as if its program had forgotten it. */
public final class LeakRule {

    /**
     * The pool of {@code pg}, which TypeORM, Sequelize, Knex and others use, closes what was given back after 10 s (idleTimeoutMillis). What is idle for longer
     * was most likely never given back (measured: 2 of 5 leaked, and at 14 s exactly these 2 were left).
     */
    private static final long POOL_SECONDS = 12;

    /** An open transaction holds locks, and keeps VACUUM from cleaning up. */
    private static final long TRANSACTION_SECONDS = 10;

    private static final long LEFT_OPEN_MILLIS = 5_000;

    private LeakRule() {}

    /**
     * @param program the client's program, such as {@code node}; empty where it is not known
     * @return why, to follow a sentence; empty where nothing is wrong
     */
    public static Optional<String> of(Holding holding, String program) {
        Optional<ServiceSocket> socket = holding.socket();
        if (socket.isPresent() && socket.get().leftOpen() && socket.get().quietMillis() >= LEFT_OPEN_MILLIS) {
            return Optional.of("the server has closed it, and the program has not (CLOSE_WAIT)");
        }
        Optional<Kind> kind = holding.external().url().map(url -> url.kind());
        if (holding.session().isEmpty() || kind.isEmpty()) {
            return Optional.empty();
        }
        Session session = holding.session().get();
        if (session.state().startsWith("idle in transaction") && session.idleSeconds() >= TRANSACTION_SECONDS) {
            return Optional.of("idle in a transaction that it neither commits nor rolls back: it holds its locks");
        }
        if (kind.get() == Kind.POSTGRES
                && program.equals("node")
                && session.state().equals("idle")
                && !session.waits()
                && session.idleSeconds() >= POOL_SECONDS) {
            return Optional.of("idle for longer than pg's pool keeps what was given back (idleTimeoutMillis, 10 s where"
                    + " nothing else is set): probably checked out and never released");
        }
        return Optional.empty();
    }
}
