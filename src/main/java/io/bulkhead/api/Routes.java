package io.bulkhead.api;

import io.bulkhead.json.Json;
import io.bulkhead.json.JsonException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * The paths of SPEC section 5 on the control socket. Reading is open to everybody whom the socket's mode lets in; {@link
 * #GROUP_VERBS} too; every other change needs root or the daemon's own user: signal, because SIGUSR1 opens a debugger in
 * Node; a script, because it names a command; apply, delete, reset and shutdown, because they change what runs here for good.
 */
public final class Routes implements HttpServer.Handler {

    private static final Set<String> GROUP_VERBS = Set.of("start", "stop", "restart", "reload");
    private static final Set<String> APP_VERBS =
            Set.of("start", "stop", "restart", "reload", "scale", "delete", "reset", "signal");
    private static final int MANY = 1000;

    private final Control control;
    private final EventStream events;

    public Routes(Control control) {
        this.control = control;
        this.events = new EventStream(control);
    }

    @Override
    public void handle(HttpRequest request, HttpResponse response) throws IOException {
        try {
            answer(request, response);
        } catch (ApiException e) {
            if (response.begun()) {
                throw new IOException("failed in the middle of an answer", e);
            }
            Errors.send(response, e);
        }
    }

    private void answer(HttpRequest request, HttpResponse response) throws IOException, ApiException {
        List<String> path = request.segments();
        if (path.size() < 2 || !path.getFirst().equals("v1")) {
            throw noSuchPath(request);
        }
        boolean get = request.method().equals("GET");
        boolean post = request.method().equals("POST");
        if (!get && !post) {
            Errors.send(response, 405, "method", "only GET and POST are known here", "");
            return;
        }
        List<String> rest = path.subList(2, path.size());
        switch (path.get(1)) {
            case "status" -> response.json(200, control.status(request.query("app", "")));
            case "memory" -> response.json(200, control.memory(request.query("app", "")));
            case "apps" -> {
                if (get) {
                    apps(rest, request, response);
                } else {
                    verb(rest, request, response);
                }
            }
            case "logs" -> logs(rest, request, response);
            case "events" -> events.answer(request, response);
            case "incidents" -> incidents(rest, request, response);
            case "doctor" -> response.json(200, control.doctor());
            case "env" -> {
                if (rest.size() != 1) {
                    throw noSuchPath(request);
                }
                response.json(200, control.surroundings().env(rest.getFirst()));
            }
            case "processes" -> response.json(200, control.surroundings().processes());
            case "connections" -> response.json(200, control.surroundings().connections());
            case "tunnels" -> new TunnelRoutes(control.tunnels()).answer(rest, request, response);
            case "ports" -> response.json(200, control.surroundings().ports());
            case "scripts", "apply", "shutdown" -> {
                if (get || !rest.isEmpty()) {
                    throw noSuchPath(request);
                }
                act(path.get(1), "all", request, response);
            }
            default -> throw noSuchPath(request);
        }
    }

    private void apps(List<String> rest, HttpRequest request, HttpResponse response) throws IOException, ApiException {
        if (rest.isEmpty()) {
            response.json(200, control.status("").get("apps"));
        } else if (rest.size() == 1) {
            response.json(200, control.show(rest.getFirst()));
        } else {
            throw noSuchPath(request);
        }
    }

    /** {@code /v1/apps/APP/VERB} and {@code /v1/apps/APP/INSTANCE/VERB}. */
    private void verb(List<String> rest, HttpRequest request, HttpResponse response) throws IOException, ApiException {
        if (rest.size() < 2 || rest.size() > 3) {
            throw noSuchPath(request);
        }
        String verb = rest.getLast();
        if (!APP_VERBS.contains(verb)) {
            throw noSuchPath(request);
        }
        act(verb, rest.size() == 2 ? rest.getFirst() : rest.getFirst() + "/" + rest.get(1), request, response);
    }

    private void act(String verb, String target, HttpRequest request, HttpResponse response)
            throws IOException, ApiException {
        if (!request.peer().privileged() && !GROUP_VERBS.contains(verb)) {
            Errors.send(
                    response,
                    403,
                    "not-allowed",
                    request.peer().user() + " may look, and start, stop, restart and reload apps that are there; "
                            + (verb.equals("scripts") ? "starting a script" : verb)
                            + " is for root and the daemon's own user",
                    "sudo bulkhead " + (verb.equals("scripts") ? "start SCRIPT" : verb));
            return;
        }
        Map<String, @Nullable Object> options = options(request);
        if (!request.peer().privileged() && (options.containsKey("skip") || options.containsKey("force"))) {
            Errors.send(
                    response,
                    403,
                    "not-allowed",
                    "checks are skipped by root and the daemon's own user, not by "
                            + request.peer().user(),
                    "sudo bulkhead " + verb);
            return;
        }
        response.interruptWhenClientLeaves();
        Map<String, @Nullable Object> outcome =
                new LinkedHashMap<>(await(control.act(verb, target, options, request.peer())));
        Object exitCode = outcome.remove("exitCode");
        int exit = exitCode instanceof Number number ? number.intValue() : 0;
        outcome.put("exit_code", exit);
        response.json(Errors.status(exit), outcome);
    }

    private static Map<String, @Nullable Object> options(HttpRequest request) throws ApiException {
        Map<String, @Nullable Object> options = new LinkedHashMap<>();
        if (request.body().length > 0) {
            try {
                if (!(Json.read(request.body()) instanceof Map<?, ?> members)) {
                    throw new ApiException(2, "bad-request", "the body is not a JSON object", "");
                }
                for (Map.Entry<?, ?> member : members.entrySet()) {
                    options.put(camel((String) member.getKey()), member.getValue());
                }
            } catch (JsonException e) {
                throw new ApiException(2, "bad-request", "the body is not JSON: " + e.getMessage(), "");
            }
        }
        return options;
    }

    /** keep_apps on the wire is keepApps within: one name for one thing on each side. */
    private static String camel(String name) {
        StringBuilder out = new StringBuilder(name.length());
        for (int i = 0; i < name.length(); i++) {
            if (name.charAt(i) == '_' && i + 1 < name.length()) {
                out.append(Character.toUpperCase(name.charAt(++i)));
            } else {
                out.append(name.charAt(i));
            }
        }
        return out.toString();
    }

    private static Map<String, @Nullable Object> await(CompletableFuture<Map<String, @Nullable Object>> outcome)
            throws IOException, ApiException {
        try {
            return outcome.get();
        } catch (InterruptedException e) {
            throw new IOException("the client went away", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof ApiException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void logs(List<String> rest, HttpRequest request, HttpResponse response) throws IOException, ApiException {
        String target = rest.isEmpty() ? "all" : String.join("/", rest);
        if (request.asks("path")) {
            response.json(200, control.logPaths(target));
            return;
        }
        // The head goes out with the first byte, so that an unknown app can still be answered with 404.
        try (LateStream out = new LateStream(response, "text/plain; charset=utf-8")) {
            control.logs(target, request.query(), out);
            out.begin();
        }
    }

    private void incidents(List<String> rest, HttpRequest request, HttpResponse response)
            throws IOException, ApiException {
        if (rest.isEmpty()) {
            int limit = number(request, "limit", 100, 1, MANY);
            response.json(200, control.incidents(request.query("app", ""), limit));
            return;
        }
        for (Map<String, @Nullable Object> incident : control.incidents("", MANY)) {
            if (rest.getFirst().equals(String.valueOf(incident.get("id")))) {
                response.json(200, incident);
                return;
            }
        }
        throw new ApiException(
                4, "no-such-incident", "there is no incident " + rest.getFirst(), "bulkhead incidents lists them");
    }

    /** A number of the query within bounds. */
    static int number(HttpRequest request, String name, int otherwise, int least, int most) throws ApiException {
        String text = request.query(name, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Answered below, like a number out of bounds.
        }
        throw new ApiException(2, "bad-request", name + " must be a number from " + least + " to " + most, "");
    }

    private static ApiException noSuchPath(HttpRequest request) {
        return new ApiException(
                4,
                "no-such-path",
                "there is nothing at " + request.method() + " /" + String.join("/", request.segments()),
                "see the paths in the manual page, section HTTP");
    }
}
