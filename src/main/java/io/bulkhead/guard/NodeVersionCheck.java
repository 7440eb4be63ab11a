package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Whether the very node that will run the app is one that the app, its packages and {@code checks.node} ask for. */
final class NodeVersionCheck implements Check {

    private static final int MOST_OF_A_FILE = 4096;
    private static final String FIX =
            "run it with a node that fits: write its full path in command, or set PATH in environment";

    /** Names of the lines with long support (nodejs.org/en/about/previous-releases). */
    private static final Map<String, Integer> LINES = Map.ofEntries(
            Map.entry("argon", 4),
            Map.entry("boron", 6),
            Map.entry("carbon", 8),
            Map.entry("dubnium", 10),
            Map.entry("erbium", 12),
            Map.entry("fermium", 14),
            Map.entry("gallium", 16),
            Map.entry("hydrogen", 18),
            Map.entry("iron", 20),
            Map.entry("jod", 22),
            Map.entry("krypton", 24));

    @Override
    public String name() {
        return "node-version";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException, InterruptedException {
        Optional<Path> binary = NodeApp.binary(subject);
        if (binary.isEmpty()) {
            return List.of();
        }
        Optional<NodeApp> app = NodeApp.of(subject);
        Optional<Version> told = new NodeVersions().version(binary.get(), subject.identity());
        if (told.isEmpty()) {
            return List.of(subject.warning(
                    this,
                    binary.get() + " --version tells no version of Node: whether it fits is not known",
                    "run it by hand, as the app's user"));
        }
        // A build before a release counts as that release, as it does for npm (npm-install-checks).
        Version version = told.get().release();
        String runs = "node " + told.get() + " (" + binary.get() + ")";
        List<Finding> findings = new ArrayList<>();
        wanted(subject, version, runs).ifPresent(findings::add);
        if (app.isPresent()) {
            engines(subject, app.get(), version, runs).ifPresent(findings::add);
            versionFile(subject, app.get(), version, runs).ifPresent(findings::add);
            packages(subject, app.get(), version, runs).ifPresent(findings::add);
        }
        return findings;
    }

    private Optional<Finding> wanted(Subject subject, Version version, String runs) {
        Optional<String> wanted = PackageWishes.of(subject.app()).node();
        if (wanted.isEmpty()) {
            return Optional.empty();
        }
        Optional<VersionRange> range = VersionRange.parse(wanted.get());
        if (range.isEmpty()) {
            return Optional.of(subject.error(
                    this,
                    "checks.node: " + wanted.get() + " is no range of versions",
                    "write it as npm does: \">=20 <25\", \"^22.11\", \"20 || 22\""));
        }
        return range.get().contains(version)
                ? Optional.empty()
                : Optional.of(subject.error(
                        this,
                        "it would run on node " + version + ", and checks.node wants " + wanted.get(),
                        FIX,
                        runs));
    }

    private Optional<Finding> engines(Subject subject, NodeApp app, Version version, String runs) {
        Optional<String> wanted = app.description().object("engines").text("node");
        if (wanted.isEmpty() || !refuses(wanted.get(), version)) {
            return Optional.empty();
        }
        return Optional.of(subject.error(
                this,
                "it would run on node " + version + ", and its package.json wants " + wanted.get(),
                FIX,
                runs,
                app.folder().resolve("package.json") + ": engines.node: " + wanted.get()));
    }

    private static boolean refuses(String wanted, Version version) {
        return VersionRange.parse(wanted).map(range -> !range.contains(version)).orElse(false);
    }

    /** {@code .nvmrc} and {@code .node-version}: another line is an error, another version of it a warning. */
    private Optional<Finding> versionFile(Subject subject, NodeApp app, Version version, String runs)
            throws IOException {
        for (String name : List.of(".nvmrc", ".node-version")) {
            Path file = app.folder().resolve(name);
            if (!Files.isRegularFile(file)) {
                continue;
            }
            String wanted = firstLine(JsonFile.text(file, MOST_OF_A_FILE));
            Optional<Partial> partial = line(wanted);
            if (partial.isEmpty() || partial.get().parts() == 0) {
                return Optional.empty();
            }
            Partial asked = partial.get();
            String message = "it would run on node " + version + ", and " + name + " says " + wanted;
            String[] evidence = {runs, file + ": " + wanted};
            if (asked.major() != version.major()) {
                return Optional.of(subject.error(this, message, FIX, evidence));
            }
            boolean other = asked.parts() > 1 && asked.minor() != version.minor()
                    || asked.parts() > 2 && asked.patch() != version.patch();
            return other ? Optional.of(subject.warning(this, message, FIX, evidence)) : Optional.empty();
        }
        return Optional.empty();
    }

    private static String firstLine(String text) {
        return text.lines()
                .map(line -> line.contains("#") ? line.substring(0, line.indexOf('#')) : line)
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
    }

    /** {@code lts/iron} is 20; of {@code lts/*}, {@code node} and other moving names nothing can be told. */
    private static Optional<Partial> line(String wanted) {
        String name = wanted.toLowerCase(Locale.ROOT);
        Integer known = name.startsWith("lts/") ? LINES.get(name.substring("lts/".length())) : null;
        return known == null ? Partial.parse(wanted) : Optional.of(new Partial(1, known, 0, 0, ""));
    }

    /** npm itself only warns (EBADENGINE), and many of them work. */
    private Optional<Finding> packages(Subject subject, NodeApp app, Version version, String runs)
            throws IOException, InterruptedException {
        Map<String, LockFile.Locked> mark = Together.mark(subject, app);
        TreeSet<String> others = new TreeSet<>();
        for (Installed one : Together.packages(subject, app).all().values()) {
            LockFile.Locked locked = mark.get(one.place());
            boolean needed = locked == null || !locked.optional() && !locked.development();
            if (needed && !one.link() && !one.engines().isEmpty() && refuses(one.engines(), version)) {
                others.add(one.words() + " wants node " + one.engines());
            }
        }
        if (others.isEmpty()) {
            return Optional.empty();
        }
        List<String> evidence = new ArrayList<>(List.of(runs));
        evidence.addAll(List.of(Many.some(List.copyOf(others))));
        return Optional.of(subject.warning(
                this,
                Many.count(others.size(), "installed package") + " not made for node " + version
                        + ": they may fail at a line that this version does not know",
                FIX,
                evidence.toArray(String[]::new)));
    }
}
