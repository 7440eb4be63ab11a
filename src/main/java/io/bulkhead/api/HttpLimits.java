package io.bulkhead.api;

import java.time.Duration;

/**
 * What a client can cost.
 *
 * @param connections open at once; one more is answered with 503
 * @param headBytes request line and headers together
 * @param bodyBytes one request's body
 * @param bodyBytesTogether bodies of all requests that are being read or handled
 * @param idle time a connection may wait for its next request, and a request may take to arrive
 * @param stalled time a client may leave an answer unread ({@code logs -f | less} does for minutes)
 */
public record HttpLimits(
        int connections, int headBytes, int bodyBytes, int bodyBytesTogether, Duration idle, Duration stalled) {

    public static final HttpLimits DEFAULT =
            new HttpLimits(64, 16 << 10, 1 << 20, 4 << 20, Duration.ofSeconds(30), Duration.ofMinutes(10));
}
