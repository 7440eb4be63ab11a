package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tunnel as the app that it is run as. It opens its port itself once the server has let it in, is ready when its target has answered through it, and is
 * never restarted for a target that is away: that is not the tunnel's fault.
 */
public final class TunnelApp {

    private TunnelApp() {}

    static AppSpec of(String name, TunnelSpec tunnel, LogSpec log) {
        Map<String, Object> keys = new LinkedHashMap<>();
        keys.put(AppKeys.COMMAND.name(), tunnel.ssh());
        keys.put(AppKeys.WORKING_DIR.name(), "/");
        keys.put(ListenKeys.LISTEN.name(), Json.of("address", tunnel.forward().place(), "handover", false));
        keys.put(
                HealthKeys.HEALTHCHECK.name(),
                Json.of(
                        "tcp",
                        tunnel.forward().place(),
                        "interval",
                        "30s",
                        "timeout",
                        "5s",
                        "retries",
                        1,
                        "start_timeout",
                        "30s"));
        keys.put(HealthKeys.ON_UNHEALTHY.name(), "report");
        keys.put(AppKeys.STOP_GRACE_PERIOD.name(), "5s");
        keys.put(AppKeys.BACKOFF.name(), Json.of("first", "500ms", "max", "30s"));
        keys.put(NodeKeys.NODE.name(), "off");
        keys.put(AppKeys.LOG.name(), AppSource.log(log));
        keys.put("tunnel", TunnelKeys.source(tunnel));
        return SpecReader.restore(name, Json.write(keys));
    }

    /**
     * A tunnel that no file declares.
     *
     * @param keys as a file would have them: forward, via, and what else there is
     * @param log how its output is kept
     * @throws IllegalArgumentException with what is wrong with it, for whoever asked for it
     */
    public static AppSpec of(String name, Map<String, Object> keys, LogSpec log) {
        Problems problems = new Problems();
        Host nowhere = new Host(Map.of(), 0, 1, true, ZoneOffset.UTC);
        Scope scope = new Scope(name, Path.of("/"), nowhere, problems);
        Optional<TunnelSpec> tunnel = Optional.empty();
        Optional<String> wrongName = Names.APP.wrong(name);
        if (wrongName.isEmpty()) {
            tunnel = YamlTree.read(new SourceText(name, Json.write(keys)), Optional.empty(), problems)
                    .flatMap(node -> TunnelKeys.SECTION.read(node, scope))
                    .flatMap(values -> TunnelKeys.bind(name, values, scope));
        }
        if (tunnel.isEmpty() || problems.hasErrors()) {
            throw new IllegalArgumentException(wrongName.orElseGet(() -> {
                Problem first = problems.sorted().getFirst();
                return first.message() + first.hint().map(hint -> ": " + hint).orElse("");
            }));
        }
        return of(name, tunnel.get(), log);
    }
}
