package io.bulkhead.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * What the daemon can be asked, apart from how the question travelled. Documents are JSON values: {@code Map}, {@code List},
 * {@code String}, {@code Number}, {@code Boolean}, null. Called on the threads of the api; the host answers from its loop.
 */
public interface Control {

    /** The document of {@code status --json}, SPEC section 6; {@code app} limits it to one app, empty means all. */
    Map<String, Object> status(String app) throws ApiException;

    /** All of one app: its status, settings in force, environment (masked), last exits. */
    Map<String, Object> show(String app) throws ApiException;

    /**
     * Does {@code verb} and answers when what it promises holds, or has failed, or at once when {@code options} has
     * {@code "wait": false}.
     *
     * @param verb start, stop, restart, delete, reset, signal, apply, shutdown
     * @param target {@code app}, {@code app/2}, {@code all}; ignored by apply and shutdown
     * @param options of the verb: {@code signal}; for apply {@code file}, {@code dryRun}, {@code app}; {@code keepApps}
     * @return at least {@code "ok"}: boolean, {@code "message"}: a sentence for people, {@code "exitCode"}: SPEC section 3;
     *     on failure an {@code "error"} with code, message and hint; apply adds {@code "changes"}: list of
     *     {@code {"app", "change": "add|change|remove|keep", "keys": [..]}} and {@code "problems"}
     */
    CompletableFuture<Map<String, Object>> act(String verb, String target, Map<String, Object> options, Peer peer);

    /** Newest first, as {@code incidents --json}. */
    java.util.List<Map<String, Object>> incidents(String app, int limit) throws ApiException;

    /** Events after {@code seq}, oldest first, at most {@code limit}. */
    java.util.List<Map<String, Object>> events(long afterSeq, int limit, String app) throws ApiException;

    /** Calls {@code listener} with every event from now on until the returned handle is closed. */
    AutoCloseable follow(java.util.function.Consumer<Map<String, Object>> listener);

    /**
     * Writes log lines, instances merged by time, then follows if asked until {@code out} fails.
     *
     * @param query {@code n}, {@code since} (RFC 3339 or a duration back from now), {@code grep}, {@code follow}, {@code err},
     *     {@code daemon}, {@code prefix} (each line with {@code app/index| })
     */
    void logs(String target, Map<String, String> query, OutputStream out) throws IOException, ApiException;

    /** The files of {@code logs --path}. */
    java.util.List<String> logPaths(String target) throws ApiException;

    /** What this host offers, as {@code doctor --json}. */
    Map<String, Object> doctor();

    /**
     * Who is at the other end of the socket.
     *
     * @param privileged root or the daemon's own user: may do all; others may read, and start, stop and restart
     */
    record Peer(String user, boolean privileged) {}
}
