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
        // Nothing in a source depends on the host: paths are absolute, percentages bytes, zones named.
        Host nowhere = new Host(Map.of(), 0, 1, true, ZoneOffset.UTC);
        One one = one(name, json, AppKeys.STORED, LogSpec.DEFAULT, nowhere);
        return one.app()
                .orElseThrow(() ->
                        new IllegalArgumentException("cannot read the stored app " + name + ": " + one.problems()));
    }

    /**
     * What came of one app.
     *
     * @param app empty when there is an error among the problems
     */
    public record One(Optional<AppSpec> app, List<Problem> problems) {}

    /**
     * Reads one app that no file holds: nothing in its text is a variable of somebody's environment.
     *
     * @param json an object with the keys of an app
     * @param log what {@code server.log} says
     */
    public static One one(String name, String json, LogSpec log, Host host) {
        return one(name, json, AppKeys.SECTION, log, host);
    }

    private static One one(String name, String json, Section keys, LogSpec log, Host host) {
        Problems problems = new Problems();
        SourceText text = new SourceText(name, json);
        Names.APP.wrong(name).ifPresent(wrong -> problems.error(text.start(), wrong, Names.APP.hint()));
        Scope scope = new Scope(name, Path.of("/"), host, problems);
        Optional<AppSpec> app = YamlTree.read(text, Optional.empty(), problems)
                .flatMap(node -> keys.read(node, scope))
                .flatMap(values -> new AppBinder(scope, log).bind(name, values));
        return new One(problems.hasErrors() ? Optional.empty() : app, problems.sorted());
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
