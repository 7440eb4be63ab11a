package io.bulkhead.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the daemon can be asked, apart from how the question travelled. Documents are JSON values: {@code Map}, {@code List},
 * {@code String}, {@code Number}, {@code Boolean}, null. Called on the threads of the api, which may be interrupted when
 * their client goes away; the host answers from its loop.
 */
public interface Control {

    /** The document of {@code status --json}, SPEC section 6; {@code app} limits it to one app, empty means all. */
    Map<String, @Nullable Object> status(String app) throws ApiException;

    /**
     * Who uses how much memory, and whether it fits; {@code app} limits it to one app, empty means all.
     *
     * @return {@code "host"}: memory_bytes, available_bytes, reserve_bytes, outside_bytes, swap_bytes, swap_free_bytes;
     *     {@code "budget"}: wanted_bytes, for_apps_bytes, over, sum (lines), replaced_stop_first (names); {@code "pools"}: list of name,
     *     memory_bytes, memory_limit_bytes, apps; {@code "apps"}: list
     */
    Map<String, @Nullable Object> memory(String app) throws ApiException;

    /**
     * All of one app: its object of {@link #status} with, besides, {@code "origin"}, {@code "file"}, {@code "settings"} (object
     * in the words of bulkhead.yaml), {@code "environment"} (name to masked value), {@code "env_files"} (list), {@code "log"} (list of files),
     * {@code "exits"} (newest first, as {@code last_exit}), {@code "warnings"} (list of sentences). Absent is fine.
     */
    Map<String, @Nullable Object> show(String app) throws ApiException;

    /**
     * Does {@code verb} and answers when what it promises holds, or has failed, or at once when {@code options} has
     * {@code "wait": false}.
     *
     * @param verb start, stop, restart, reload, scale, delete, reset, signal, scripts, apply, shutdown
     * @param target {@code app}, {@code app/2}, {@code all}; ignored by scripts, apply and shutdown
     * @param options of the verb: {@code wait}; {@code signal}; for scale {@code instances}; for apply {@code file}, {@code dryRun}, {@code app};
     *     {@code keepApps}; for scripts {@code name}, {@code command} (list), {@code workingDir} (absolute), and where they are
     *     wanted {@code path}, {@code instances} (as in bulkhead.yaml), {@code memory} (likewise)
     * @return at least {@code "ok"}: boolean, {@code "message"}: a sentence for people, {@code "exitCode"}: SPEC section 3;
     *     on failure an {@code "error"} with code, message and hint; apply adds {@code "changes"}: list of
     *     {@code {"app", "change": "add|change|remove|keep", "keys": [..]}} and {@code "problems"}: list of
     *     {@code {"severity", "file", "line", "column", "message", "hint", "source"}}
     */
    CompletableFuture<Map<String, @Nullable Object>> act(
            String verb, String target, Map<String, @Nullable Object> options, Peer peer);

    /** Newest first, as {@code incidents --json}; {@code app} empty means all. */
    List<Map<String, @Nullable Object>> incidents(String app, int limit) throws ApiException;

    /**
     * Events after {@code seq}, oldest first, at most {@code limit}. A negative {@code seq} asks for the newest
     * {@code limit} events, also oldest first. {@code app} empty means all.
     */
    List<Map<String, @Nullable Object>> events(long afterSeq, int limit, String app) throws ApiException;

    /**
     * Calls {@code listener} with every event from now on until the returned handle is closed. What it is called with is
     * already in {@link #events}, so that a listener that falls behind can catch up there. The listener never waits.
     */
    AutoCloseable follow(Consumer<Map<String, @Nullable Object>> listener);

    /**
     * Writes log lines, instances merged by time, then follows if asked until {@code out} fails or the thread is
     * interrupted. Lines are on their way after {@code out.flush()}, so flush after each burst.
     *
     * @param target {@code app}, {@code app/2}, {@code all}
     * @param query {@code n}, {@code since} (RFC 3339 or a duration back from now), {@code grep}, {@code follow}, {@code err},
     *     {@code daemon}, {@code prefix} (each line with {@code app/index| }); a flag is on when it is there and not 0
     */
    void logs(String target, Map<String, String> query, OutputStream out) throws IOException, ApiException;

    /** The files of {@code logs --path}. */
    List<String> logPaths(String target) throws ApiException;

    /**
     * What this host offers, as {@code doctor --json}: {@code "findings"}: list of {@code {"check", "severity":
     * "ok|info|warning|error", "message", "evidence", "fix"}}, and any figures besides.
     */
    Map<String, @Nullable Object> doctor();

    /** What else there is on this host. */
    Surroundings surroundings();

    /** The ssh tunnels. */
    Tunnels tunnels();

    /**
     * Who is at the other end of the socket.
     *
     * @param user name, or the number where it has none
     * @param privileged root or the daemon's own user: may do all; others may read, and start, stop, restart and reload
     */
    record Peer(String user, boolean privileged) {}
}
