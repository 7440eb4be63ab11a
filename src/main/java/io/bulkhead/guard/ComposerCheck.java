package io.bulkhead.guard;

import io.bulkhead.linux.ProgramOutput;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Whether Composer's packages are installed, and the very PHP that will run them has the version and the extensions that they want. */
final class ComposerCheck implements Check {

    private static final int MOST_OUTPUT = 64 << 10;
    private static final int MILLIS = 4_000;
    private static final String COMPLAINT = "Your Composer dependencies";
    private static final String EXTENSION = "ext-";

    @Override
    public String name() {
        return "composer";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<PhpApp> found = PhpApp.of(subject);
        if (found.isEmpty()) {
            return List.of();
        }
        PhpApp app = found.get();
        JsonFile description;
        try {
            description = JsonFile.read(app.folder().resolve("composer.json"));
        } catch (IOException broken) {
            return List.of(subject.error(this, String.valueOf(broken.getMessage()), "mend that file"));
        }
        Map<String, String> wanted = description.object("require").texts();
        boolean packages = wanted.keySet().stream().anyMatch(name -> name.indexOf('/') > 0);
        Path vendor = app.folder()
                .resolve(description.object("config").text("vendor-dir").orElse("vendor"));
        if (packages && !Files.isRegularFile(vendor.resolve("autoload.php"))) {
            return List.of(subject.error(
                    this,
                    "the packages of composer.json are not installed",
                    "cd " + app.folder() + " && composer install --no-dev",
                    vendor.resolve("autoload.php") + " is missing"));
        }
        List<Finding> findings = new ArrayList<>();
        platform(subject, app, vendor).ifPresent(findings::add);
        extensions(subject, app, vendor, wanted).ifPresent(findings::add);
        return findings;
    }

    private static ProgramOutput.Answer ask(Subject subject, PhpApp app, Path program, String... arguments)
            throws IOException {
        Map<String, String> environment = new LinkedHashMap<>();
        for (String name : List.of("PATH", "HOME", "LD_LIBRARY_PATH", "PHP_INI_SCAN_DIR", "PHPRC")) {
            Optional.ofNullable(subject.environment().get(name)).ifPresent(value -> environment.put(name, value));
        }
        return ProgramOutput.of(
                new ProgramOutput.Question(
                        program, List.of(arguments), subject.identity(), app.folder(), environment, MOST_OUTPUT),
                MILLIS);
    }

    /** The file that Composer makes to stop a program at its first line; here before it starts. */
    private Optional<Finding> platform(Subject subject, PhpApp app, Path vendor) throws IOException {
        Path file = vendor.resolve("composer/platform_check.php");
        if (app.isFpm() || !Files.isRegularFile(file)) {
            return Optional.empty();
        }
        ProgramOutput.Answer answer =
                ask(subject, app, app.binary(), "-d", "display_errors=1", "-d", "html_errors=0", "-f", file.toString());
        if (answer.succeeded()) {
            return Optional.empty();
        }
        List<String> lines = new ArrayList<>();
        for (String line : answer.output().split("\n")) {
            int at = line.indexOf(COMPLAINT);
            if (at >= 0) {
                // PHP adds the place of what ends a program: " in FILE on line N".
                int place = line.lastIndexOf(" in ");
                lines.add(line.substring(at, place > at ? place : line.length()).strip());
            }
        }
        if (lines.isEmpty()) {
            lines.add(
                    answer.status().isEmpty()
                            ? "it did not end within " + MILLIS / 1000 + " s"
                            : answer.output().strip().lines().findFirst().orElse("it printed nothing"));
        }
        return Optional.of(subject.error(
                this,
                app.binary() + " is not the PHP that the installed packages want",
                "run it with a PHP that fits, or: cd " + app.folder() + " && composer update",
                Many.some(List.copyOf(new LinkedHashSet<>(lines)))));
    }

    private Optional<Finding> extensions(Subject subject, PhpApp app, Path vendor, Map<String, String> wanted)
            throws IOException {
        Map<String, String> missing = new TreeMap<>();
        wanted.keySet().forEach(name -> want(missing, name, "composer.json"));
        Set<String> provided = new LinkedHashSet<>();
        installed(vendor, missing, provided);
        provided.forEach(missing::remove);
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        ProgramOutput.Answer answer = ask(subject, app, app.binary(), "-m");
        if (!answer.succeeded()) {
            return Optional.of(subject.warning(
                    this, app.binary() + " -m does not tell its extensions: whether all are there is not known", ""));
        }
        answer.output()
                .lines()
                .map(line -> EXTENSION + line.strip().toLowerCase(Locale.ROOT).replace(' ', '-'))
                .forEach(missing::remove);
        if (missing.isEmpty()) {
            return Optional.empty();
        }
        List<String> lines = new ArrayList<>();
        missing.forEach((name, by) -> lines.add(name + ", wanted by " + by));
        return Optional.of(subject.error(
                this,
                app.binary() + " lacks " + Many.count(missing.size(), "extension") + " of PHP that the app wants",
                "install it, on Debian: apt install php-"
                        + missing.keySet().iterator().next().substring(EXTENSION.length()),
                Many.some(lines)));
    }

    private static void want(Map<String, String> missing, String name, String by) {
        if (name.startsWith(EXTENSION)) {
            missing.putIfAbsent(name.toLowerCase(Locale.ROOT), by);
        }
    }

    /** Adds what the installed packages want, but for those of development, and what polyfills bring along. */
    private static void installed(Path vendor, Map<String, String> missing, Set<String> provided) throws IOException {
        Path file = vendor.resolve("composer/installed.json");
        if (!Files.isRegularFile(file)) {
            return;
        }
        JsonFile installed = JsonFile.large(file);
        List<String> development = installed.list("dev-package-names");
        for (JsonFile one : installed.objects("packages")) {
            String name = one.text("name").orElse("");
            if (!development.contains(name)) {
                one.object("require").texts().keySet().forEach(wanted -> want(missing, wanted, name));
                provided.addAll(one.object("provide").texts().keySet());
                provided.addAll(one.object("replace").texts().keySet());
            }
        }
    }
}
