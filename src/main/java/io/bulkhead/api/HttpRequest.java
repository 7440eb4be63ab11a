package io.bulkhead.api;

import java.util.List;
import java.util.Map;

/**
 * One request, read whole.
 *
 * @param method as sent, upper case
 * @param segments the path between its slashes, each percent-decoded: {@code /v1/apps/api} is [v1, apps, api]
 * @param query decoded; of a name that comes twice the last one counts
 * @param headers names in lower case; of a name that comes twice the last one counts
 * @param body empty without one
 * @param peer who sent it
 */
public record HttpRequest(
        String method,
        List<String> segments,
        Map<String, String> query,
        Map<String, String> headers,
        byte[] body,
        Control.Peer peer) {

    /** A parameter of the query, or {@code otherwise}. */
    public String query(String name, String otherwise) {
        return query.getOrDefault(name, otherwise);
    }

    /** Whether a parameter of the query is there and not 0 or false. */
    public boolean asks(String name) {
        String value = query.get(name);
        return value != null && !value.equals("0") && !value.equals("false");
    }
}
