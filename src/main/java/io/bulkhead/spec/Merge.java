package io.bulkhead.spec;

import io.bulkhead.spec.SpecReader.OneFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Makes one configuration of several files. */
final class Merge {

    private final Host host;
    private final Problems problems;
    private final List<Path> files;
    private final Map<String, Declared> apps = new LinkedHashMap<>();
    private final Map<String, Declared> pools = new LinkedHashMap<>();
    private final Map<String, Declared> externals = new LinkedHashMap<>();
    private final Map<String, Declared> tunnels = new LinkedHashMap<>();
    private Optional<Written> server = Optional.empty();
    private Optional<Written> defaults = Optional.empty();
    private Optional<Written> portGuard = Optional.empty();

    Merge(Host host, Problems problems, List<Path> files) {
        this.host = host;
        this.problems = problems;
        this.files = files;
    }

    /** The whole; worth nothing when there are errors. */
    Spec merge(List<OneFile> parts) {
        for (OneFile part : parts) {
            server = once(part, TopKeys.SERVER, server);
            defaults = once(part, TopKeys.DEFAULTS, defaults);
            portGuard = once(part, TopKeys.PORT_GUARD, portGuard);
            part.values()
                    .get(TopKeys.EXTERNALS)
                    .ifPresent(all -> all.forEach((name, one) -> declare("external", name, one, part, externals)));
            part.values()
                    .get(TopKeys.TUNNELS)
                    .ifPresent(all -> all.forEach((name, one) -> declare("tunnel", name, one, part, tunnels)));
            part.values()
                    .get(TopKeys.POOLS)
                    .ifPresent(all -> all.forEach((name, pool) -> declare("pool", name, pool, part, pools)));
            part.values()
                    .get(TopKeys.APPS)
                    .ifPresent(all -> all.forEach((name, app) -> declare("app", name, app, part, apps)));
        }
        if (defaults.filter(base -> base.values().has(MemoryKeys.MEMORY)).isEmpty()) {
            apps.values().stream()
                    .filter(app -> !app.values().has(MemoryKeys.MEMORY))
                    .forEach(app -> MemoryKeys.warnWithoutLimit(app.values(), problems));
        }
        if (defaults.filter(base -> base.values().attempted(HealthKeys.HEALTHCHECK))
                .isEmpty()) {
            apps.values().forEach(app -> HealthKeys.warnWithoutCheck(app.values(), problems));
        }
        defaults.ifPresent(base -> apps.replaceAll(
                (name, app) -> new Declared(app.scope(), app.values().over(base.values()))));
        ServerSpec settings = server();
        Map<String, AppSpec> bound = new LinkedHashMap<>();
        apps.forEach((name, app) -> new AppBinder(app.scope(), settings.log())
                .bind(name, app.values())
                .ifPresent(spec -> bound.put(name, spec)));
        tunnels.forEach((name, one) -> tunnel(name, one).ifPresent(spec -> {
            if (!problems.hasErrors()) {
                bound.putIfAbsent(name, TunnelApp.of(name, spec, settings.log()));
            }
        }));
        Map<String, Long> poolSizes = poolSizes();
        Map<String, External> needed = new LinkedHashMap<>();
        externals.forEach((name, one) -> external(name, one.values()).ifPresent(found -> needed.put(name, found)));
        new CrossChecks(apps, pools.keySet(), externals.keySet(), tunnels, problems).check();
        new LogClashes(apps, problems).check(bound.values());
        if (apps.isEmpty() && tunnels.isEmpty() && !parts.isEmpty() && !problems.hasErrors()) {
            problems.warning(
                    parts.getFirst().values().place(),
                    "there is no app in this configuration",
                    "write one: apps: {web: {command: node server.js}}");
        }
        return new Spec(
                settings,
                Collections.unmodifiableMap(bound),
                poolSizes,
                Collections.unmodifiableMap(needed),
                portGuard(),
                List.copyOf(files));
    }

    private Optional<Written> once(OneFile part, Key<Values> key, Optional<Written> before) {
        Optional<Values> found = part.values().get(key);
        if (found.isEmpty()) {
            return before;
        }
        if (before.isPresent()) {
            problems.error(
                    part.values().keyPlace(key),
                    Words.quoted(key.name()) + " is also written in "
                            + before.get().values().place().shown(),
                    "write it in one file");
            return before;
        }
        return Optional.of(new Written(part.scope(), found.get()));
    }

    private void declare(String kind, String name, Values values, OneFile part, Map<String, Declared> all) {
        Declared before = all.putIfAbsent(name, new Declared(part.scope(), values));
        if (before != null) {
            problems.error(
                    values.place(),
                    "the " + kind + " " + Words.quoted(name) + " is also written in "
                            + before.values().place().shown(),
                    "rename one of the two, or remove it");
        }
    }

    private Map<String, Long> poolSizes() {
        Map<String, Long> sizes = new LinkedHashMap<>();
        pools.forEach((name, pool) -> {
            Optional<Long> memory = pool.values().get(TopKeys.POOL_MEMORY);
            memory.ifPresent(bytes -> sizes.put(name, bytes));
            if (memory.isEmpty() && !pool.values().attempted(TopKeys.POOL_MEMORY)) {
                problems.error(
                        pool.values().place(),
                        "the pool " + Words.quoted(name) + " has no \"memory\"",
                        "write how much its apps may use together, such as memory: 1G");
            }
        });
        return Collections.unmodifiableMap(sizes);
    }

    private Optional<External> external(String name, Values values) {
        if (apps.containsKey(name)) {
            problems.error(
                    values.place(),
                    "the external " + Words.quoted(name) + " is also the name of an app",
                    "rename one of the two: depends_on could not tell them apart");
        }
        Optional<Listen> address = values.get(ExternalKeys.ADDRESS);
        if (address.isEmpty() && !values.attempted(ExternalKeys.ADDRESS)) {
            problems.error(
                    values.place(),
                    "the external " + Words.quoted(name) + " has no \"address\"",
                    "write where it is reached, such as address: 127.0.0.1:5432");
        }
        int most = values.get(ExternalKeys.MAX_CONNECTIONS).orElse(ExternalKeys.AUTO);
        return address.map(at -> new External(
                name,
                at,
                values.get(ExternalKeys.PROCESS),
                values.get(ExternalKeys.URL),
                most == ExternalKeys.AUTO ? OptionalInt.empty() : OptionalInt.of(most)));
    }

    private Optional<TunnelSpec> tunnel(String name, Declared one) {
        String other = apps.containsKey(name) ? "an app" : externals.containsKey(name) ? "an external" : "";
        if (!other.isEmpty()) {
            problems.error(
                    one.values().place(),
                    "the tunnel " + Words.quoted(name) + " is also the name of " + other,
                    "rename one of the two: depends_on could not tell them apart");
        }
        return TunnelKeys.bind(name, one.values(), one.scope());
    }

    private PortGuard portGuard() {
        return portGuard
                .map(written -> new PortGuard(written.values()
                        .get(TopKeys.ORPHAN_TUNNELS, written.scope())
                        .equals("close")))
                .orElse(PortGuard.STANDARD);
    }

    private ServerSpec server() {
        if (server.isEmpty()) {
            return ServerSpec.standard(host.memoryBytes());
        }
        Scope scope = server.get().scope();
        Values values = server.get().values();
        LogSpec log = new AppBinder(scope, LogSpec.DEFAULT)
                .log(values.get(TopKeys.SERVER_LOG), LogSpec.DEFAULT, scope.folder());
        return new ServerSpec(
                log,
                values.get(TopKeys.INHERIT_ENVIRONMENT, scope),
                values.get(TopKeys.RESERVE, scope),
                values.get(TopKeys.BUDGET, scope).equals("refuse"));
    }

    private record Written(Scope scope, Values values) {}

    /** An app as it stands in its file. */
    record Declared(Scope scope, Values values) {}
}
