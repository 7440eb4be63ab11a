package io.bulkhead.api;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code /v1/tunnels}: reading is open; what opens, closes or trusts is for root and the daemon's own user, since it names servers and files. */
final class TunnelRoutes {

    private final Tunnels tunnels;

    TunnelRoutes(Tunnels tunnels) {
        this.tunnels = tunnels;
    }

    void answer(List<String> rest, HttpRequest request, HttpResponse response) throws IOException, ApiException {
        if (rest.isEmpty() && request.method().equals("GET")) {
            response.json(200, tunnels.list());
            return;
        }
        String verb = rest.isEmpty() ? "" : rest.getLast();
        if (!request.method().equals("POST") || rest.size() > 2) {
            throw new ApiException(4, "no-such-path", "there is nothing at this path", "GET /v1/tunnels");
        }
        if (!request.peer().privileged()) {
            Errors.send(
                    response,
                    403,
                    "not-allowed",
                    request.peer().user()
                            + " may look; what opens or closes tunnels is for root and the daemon's own user",
                    "sudo bulkhead tunnel " + verb);
            return;
        }
        Map<String, @Nullable Object> options = options(request);
        switch (verb) {
            case "open" -> {
                try (LateStream out = new LateStream(response, "application/x-ndjson")) {
                    tunnels.open(options, request.peer(), out);
                }
            }
            case "close" -> {
                Map<String, @Nullable Object> outcome =
                        new LinkedHashMap<>(tunnels.close(rest.getFirst(), request.peer()));
                int exit = outcome.remove("exitCode") instanceof Number number ? number.intValue() : 0;
                outcome.put("exit_code", exit);
                response.json(Errors.status(exit), outcome);
            }
            case "key" -> response.json(200, tunnels.key(options));
            case "host-key" -> response.json(200, tunnels.hostKey(options));
            case "trust" -> response.json(200, tunnels.trust(options, request.peer()));
            default -> throw new ApiException(4, "no-such-path", "there is nothing at this path", "GET /v1/tunnels");
        }
    }

    private static Map<String, @Nullable Object> options(HttpRequest request) throws ApiException {
        try {
            Map<String, @Nullable Object> options = new LinkedHashMap<>();
            if (request.body().length > 0 && Json.read(request.body()) instanceof Map<?, ?> members) {
                members.forEach((name, value) -> options.put(String.valueOf(name), value));
            }
            return options;
        } catch (JsonException e) {
            throw new ApiException(2, "bad-request", "the body is not JSON: " + e.getMessage(), "");
        }
    }
}
