package io.bulkhead.spec;

import io.bulkhead.json.Json;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A whole configuration as one JSON document, for another process of ours: in the words of users' files, every default and path resolved. It holds what they hold,
 * secrets too.
 */
public final class SpecSource {

    private static final String APPS = "apps";
    private static final String SHARED = "shared";

    private SpecSource() {}

    public static Map<String, Object> of(Spec spec) {
        Map<String, Object> apps = new LinkedHashMap<>();
        spec.apps().forEach((name, app) -> apps.put(name, app.source()));
        return Json.of(APPS, apps, SHARED, Json.write(shared(spec)));
    }

    /** All but the apps. */
    private static Map<String, Object> shared(Spec spec) {
        Map<String, Object> all = new LinkedHashMap<>();
        ServerSpec server = spec.server();
        put(
                all,
                TopKeys.SERVER,
                Json.of(
                        TopKeys.RESERVE.name(),
                        Sizes.text(server.reserve()),
                        TopKeys.BUDGET.name(),
                        server.refuseOverBudget() ? "refuse" : "warn",
                        TopKeys.INHERIT_ENVIRONMENT.name(),
                        server.inheritEnvironment()));
        Map<String, Object> pools = new LinkedHashMap<>();
        spec.pools().forEach((name, bytes) -> pools.put(name, Json.of(TopKeys.POOL_MEMORY.name(), Sizes.text(bytes))));
        put(all, TopKeys.POOLS, pools);
        Map<String, Object> externals = new LinkedHashMap<>();
        spec.externals().forEach((name, external) -> externals.put(name, external(external)));
        put(all, TopKeys.EXTERNALS, externals);
        put(
                all,
                TopKeys.PORT_GUARD,
                Json.of(TopKeys.ORPHAN_TUNNELS.name(), spec.portGuard().closesOrphans() ? "close" : "alert"));
        return all;
    }

    private static Map<String, Object> external(External external) {
        Map<String, Object> all = new LinkedHashMap<>();
        put(all, ExternalKeys.ADDRESS, external.address().text());
        external.process().ifPresent(process -> put(all, ExternalKeys.PROCESS, process));
        external.url().ifPresent(url -> put(all, ExternalKeys.URL, url.text()));
        external.maxConnections().ifPresent(most -> put(all, ExternalKeys.MAX_CONNECTIONS, most));
        return all;
    }

    private static void put(Map<String, Object> all, Key<?> key, Object value) {
        all.put(key.name(), value);
    }

    /**
     * The configuration that {@link #of} was made from, but for its files and the rotation of logs that apps inherit.
     *
     * @throws IllegalArgumentException when this version has not made it
     */
    public static Spec restore(@Nullable Object document) {
        if (!(document instanceof Map<?, ?> all)
                || !(all.get(APPS) instanceof Map<?, ?> sources)
                || !(all.get(SHARED) instanceof String shared)) {
            throw new IllegalArgumentException("this is no configuration");
        }
        Map<String, AppSpec> apps = new LinkedHashMap<>();
        sources.forEach((name, source) ->
                apps.put(String.valueOf(name), SpecReader.restore(String.valueOf(name), String.valueOf(source))));
        return restoreShared(shared).with(apps);
    }

    private static Spec restoreShared(String json) {
        Problems problems = new Problems();
        Host nowhere = new Host(Map.of(), 0, 1, true, ZoneOffset.UTC);
        Scope scope = new Scope("the configuration", Path.of("/"), nowhere, problems);
        Optional<Spec> shared = YamlTree.read(new SourceText("the configuration", json), Optional.empty(), problems)
                .flatMap(node -> TopKeys.SECTION.read(node, scope))
                .filter(values -> !problems.hasErrors())
                .map(values ->
                        new Merge(nowhere, problems, List.of()).merge(List.of(new SpecReader.OneFile(scope, values))));
        if (shared.isEmpty() || problems.hasErrors()) {
            throw new IllegalArgumentException("cannot read the configuration back: " + problems.sorted());
        }
        return shared.get();
    }
}
