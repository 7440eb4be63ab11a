package io.bulkhead.api;

import io.bulkhead.api.Control.Peer;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** ssh tunnels, as the daemon keeps them. Called on threads that may wait. */
public interface Tunnels {

    /**
     * All of them.
     *
     * @return for each: name, state ({@code up|target-down|starting|backoff|crashed|blocked|stopped|draining}), reason, forward, address, port, target, via,
     *     key, pid, since, clients, restarts, origin ({@code file|terminal}), needed_by (names of apps), max_age_seconds, idle_seconds, closes (when its lease
     *     ends if nobody connects), keepalive_seconds
     */
    List<Map<String, @Nullable Object>> list() throws ApiException;

    /**
     * Opens a tunnel that no file declares, for as long as whoever reads {@code out} does. Writes one JSON object a line: {@code name}, {@code message},
     * {@code pid}, {@code started} (milliseconds since 1970) when it is up, at last {@code ended}: why.
     *
     * @param options forward, via, key, for (a time), idle, name; {@code again}: an answer was lost, and the tunnel may exist already
     */
    void open(Map<String, @Nullable Object> options, Peer peer, OutputStream out) throws IOException, ApiException;

    /** Closes a tunnel: one that a file declares until it is opened again. @return ok, message, exitCode */
    Map<String, @Nullable Object> close(String name, Peer peer) throws ApiException;

    /**
     * The key of a tunnel, made where there is none.
     *
     * @param options name of a declared one, or forward and via
     * @return file, made, public, line (for authorized_keys), via
     */
    Map<String, @Nullable Object> key(Map<String, @Nullable Object> options) throws ApiException;

    /**
     * What host key a server shows.
     *
     * @param options name of a declared tunnel, or via
     * @return via, known: whether one was trusted before; where not, or with {@code again}: type, fingerprint, key
     */
    Map<String, @Nullable Object> hostKey(Map<String, @Nullable Object> options) throws ApiException;

    /** Trusts a host key from now on. @param options via, type, key as {@link #hostKey} answered, seen by a person */
    Map<String, @Nullable Object> trust(Map<String, @Nullable Object> options, Peer peer) throws ApiException;
}
