package io.bulkhead.spec;

import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads what the user wrote. Every problem of every file is found in one go. */
public final class SpecReader {

    private final Host host;
    private final Problems problems = new Problems();

    private SpecReader(Host host) {
        this.host = host;
    }

    /**
     * What came of it.
     *
     * @param spec empty when there is an error among the problems
     * @param problems by file and place; warnings too
     */
    public record Reading(Optional<Spec> spec, List<Problem> problems) {

        public boolean failed() {
            return spec.isEmpty();
        }
    }

    /**
     * Reads a file, and then the {@code *.yaml} of a folder in the order of their names.
     *
     * @param mainFile may be missing or be anything: that is reported
     * @param confDir may be missing, which means nothing
     */
    public static Reading read(Path mainFile, Optional<Path> confDir, Host host) {
        return new SpecReader(host).readAll(mainFile, confDir);
    }

    /**
     * Reads {@link AppSpec#source} back: the result equals the app it came from.
     *
     * @throws IllegalArgumentException when the text was not made by this version or an older one
     */
    public static AppSpec restore(String name, String json) {
        Problems problems = new Problems();
        // Nothing in a source depends on the host: paths are absolute, percentages bytes, zones named.
        Host nowhere = new Host(Map.of(), 0, 1, true, ZoneOffset.UTC);
        Scope scope = new Scope(name, Path.of("/"), nowhere, problems);
        Optional<AppSpec> app = YamlTree.read(new SourceText(name, json), Optional.empty(), problems)
                .flatMap(node -> AppKeys.STORED.read(node, scope))
                .flatMap(values -> new AppBinder(scope, LogSpec.DEFAULT).bind(name, values));
        if (app.isEmpty() || problems.hasErrors()) {
            throw new IllegalArgumentException("cannot read the stored app " + name + ": " + problems.sorted());
        }
        return app.get();
    }

    private Reading readAll(Path mainFile, Optional<Path> confDir) {
        List<Path> all = new ArrayList<>();
        all.add(mainFile);
        all.addAll(ConfigFile.inFolder(confDir, problems));
        List<OneFile> parts = new ArrayList<>();
        for (Path file : all) {
            problems.expect(file.toString());
            readOne(file).ifPresent(parts::add);
        }
        if (parts.isEmpty() && !problems.hasErrors()) {
            problems.error(
                    new SourceText(mainFile.toString(), "").start(),
                    "nothing is written in this file",
                    "write an app: apps: {web: {command: node server.js}}");
        }
        Spec spec = new Merge(host, problems, all).merge(parts);
        return new Reading(problems.hasErrors() ? Optional.empty() : Optional.of(spec), problems.sorted());
    }

    private Optional<OneFile> readOne(Path file) {
        Optional<SourceText> text = ConfigFile.load(file, problems);
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Path absolute = file.toAbsolutePath().normalize();
        Path folder = Optional.ofNullable(absolute.getParent()).orElse(absolute);
        Map<String, String> beside = ConfigFile.dotEnv(file, problems);
        Interpolation interpolation = new Interpolation(beside, host.environment());
        Optional<Node> root = YamlTree.read(text.get(), Optional.of(interpolation), problems);
        Scope scope = new Scope("the file", folder, host, problems);
        return root.filter(node -> !isNothing(node))
                .flatMap(node -> TopKeys.SECTION.read(node, scope))
                .map(values -> new OneFile(scope, values));
    }

    private static boolean isNothing(Node node) {
        return node instanceof Node.Scalar scalar && scalar.looks() == Node.Scalar.Looks.NOTHING;
    }

    /** One file's text, typed. */
    record OneFile(Scope scope, Values values) {}
}
