package io.bulkhead.spec;

import io.bulkhead.spec.SpecReader.OneFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes one configuration of several files. */
final class Merge {

    private final Problems problems;
    private final List<Path> files;
    private final Map<String, Declared> apps = new LinkedHashMap<>();
    private final Set<String> externals = new LinkedHashSet<>();
    private Optional<Written> server = Optional.empty();
    private Optional<Written> defaults = Optional.empty();

    Merge(Problems problems, List<Path> files) {
        this.problems = problems;
        this.files = files;
    }

    /** The whole; worth nothing when there are errors. */
    Spec merge(List<OneFile> parts) {
        for (OneFile part : parts) {
            server = once(part, TopKeys.SERVER, server);
            defaults = once(part, TopKeys.DEFAULTS, defaults);
            part.values().get(TopKeys.EXTERNALS).ifPresent(all -> externals.addAll(all.keySet()));
            part.values().get(TopKeys.APPS).ifPresent(all -> all.forEach((name, app) -> declare(name, app, part)));
        }
        defaults.ifPresent(base -> apps.replaceAll(
                (name, app) -> new Declared(app.scope(), app.values().over(base.values()))));
        ServerSpec settings = server();
        Map<String, AppSpec> bound = new LinkedHashMap<>();
        apps.forEach((name, app) -> new AppBinder(app.scope(), settings.log())
                .bind(name, app.values())
                .ifPresent(spec -> bound.put(name, spec)));
        new CrossChecks(apps, externals, problems).check();
        new LogClashes(apps, problems).check(bound.values());
        if (apps.isEmpty() && !parts.isEmpty() && !problems.hasErrors()) {
            problems.warning(
                    parts.getFirst().values().place(),
                    "there is no app in this configuration",
                    "write one: apps: {web: {command: node server.js}}");
        }
        return new Spec(settings, Collections.unmodifiableMap(bound), Set.copyOf(externals), List.copyOf(files));
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

    private void declare(String name, Values app, OneFile part) {
        Declared before = apps.putIfAbsent(name, new Declared(part.scope(), app));
        if (before != null) {
            problems.error(
                    app.place(),
                    "the app " + Words.quoted(name) + " is also written in "
                            + before.values().place().shown(),
                    "rename one of the two, or remove it");
        }
    }

    private ServerSpec server() {
        if (server.isEmpty()) {
            return ServerSpec.DEFAULT;
        }
        Scope scope = server.get().scope();
        Values values = server.get().values();
        LogSpec log = new AppBinder(scope, LogSpec.DEFAULT)
                .log(values.get(TopKeys.SERVER_LOG), LogSpec.DEFAULT, scope.folder());
        return new ServerSpec(log, values.get(TopKeys.INHERIT_ENVIRONMENT, scope));
    }

    private record Written(Scope scope, Values values) {}

    /** An app as it stands in its file. */
    record Declared(Scope scope, Values values) {}
}
