package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether every package that the app needs is there and can be read. */
final class ModulesCheck implements Check {

    private static final int MOST_OF_A_SCRIPT = 4 << 20;

    @Override
    public String name() {
        return "modules";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException, InterruptedException {
        Optional<Boolean> wanted = PackageWishes.of(subject.app()).modules();
        Optional<NodeApp> found = wanted.equals(Optional.of(false)) ? Optional.empty() : NodeApp.of(subject);
        if (found.isEmpty() || found.get().isPlugAndPlay()) {
            return List.of();
        }
        NodeApp app = found.get();
        if (app.trouble().isPresent()) {
            return List.of(subject.error(
                    this, app.trouble().get(), "mend that file: node reads it before the app's first line"));
        }
        if (!app.dependencies().isEmpty()
                && !Files.exists(app.modules())
                && !Files.exists(app.folder().resolve("node_modules"))) {
            return nothingInstalled(subject, app, wanted.isPresent());
        }
        return incomplete(subject, app);
    }

    /** A bundle holds its packages itself; then the script asks for none of them. */
    private List<Finding> nothingInstalled(Subject subject, NodeApp app, boolean wanted) {
        Optional<Path> script = app.scriptFile();
        if (!wanted && script.isPresent() && asksForNone(script.get(), app)) {
            return List.of();
        }
        return List.of(subject.error(
                this,
                app.modules() + " is missing: none of "
                        + Many.count(app.dependencies().size(), "package") + " in package.json is installed",
                "cd " + app.installed() + " && " + install(app),
                Many.some(List.copyOf(app.dependencies().keySet()))));
    }

    private static boolean asksForNone(Path script, NodeApp app) {
        try {
            String text = JsonFile.text(script, MOST_OF_A_SCRIPT);
            for (String name : app.dependencies().keySet()) {
                for (String quote : List.of("\"", "'", "`")) {
                    if (text.contains(quote + name + quote) || text.contains(quote + name + "/")) {
                        return false;
                    }
                }
            }
            return !text.contains("require(\"./")
                    && !text.contains("require('./")
                    && !text.contains("from \"./")
                    && !text.contains("from './");
        } catch (IOException tooLargeToBeAnythingElse) {
            return true;
        }
    }

    private List<Finding> incomplete(Subject subject, NodeApp app) throws IOException, InterruptedException {
        InstalledPackages packages = Together.packages(subject, app);
        Map<String, LockFile.Locked> mark = Together.mark(subject, app);
        Optional<LockFile> lock = LockFile.of(app.installed());
        boolean toldByLock = PackageWishes.of(subject.app()).lockfile().orElse(true)
                && lock.isPresent()
                && !lock.get().isComplete(app.modules());
        Map<String, String> faults = new LinkedHashMap<>();
        if (!toldByLock) {
            for (String name : app.dependencies().keySet()) {
                Optional<Installed> one = packages.resolve(app.folder(), name);
                if (one.isEmpty()) {
                    faults.put("node_modules/" + name, name + " is not installed");
                } else {
                    fault(one.get()).ifPresent(why -> faults.put(one.get().place(), why));
                }
            }
            mark.forEach((place, locked) -> {
                Installed one = packages.all().get(place);
                if (!locked.mayBeAbsent()) {
                    (one == null ? Optional.of(place + " is not there") : fault(one))
                            .ifPresent(why -> faults.putIfAbsent(place, why));
                }
            });
        }
        List<Finding> findings = new ArrayList<>();
        if (!faults.isEmpty()) {
            findings.add(subject.error(
                    this,
                    Many.count(faults.size(), "package") + " missing or damaged in " + app.modules(),
                    // npm install sees only what its own list lacks: a damaged package stays (tried with npm 10).
                    "cd " + app.installed() + " && " + install(app),
                    Many.some(List.copyOf(faults.values()))));
        }
        List<String> unread = new ArrayList<>(packages.troubles());
        packages.all().values().stream()
                .filter(one -> one.state() == Installed.State.UNREAD)
                .map(Installed::trouble)
                .filter(why -> !unread.contains(why))
                .forEach(unread::add);
        if (!unread.isEmpty()) {
            findings.add(subject.warning(
                    this, "some of " + app.modules() + " could not be looked at", "", Many.some(unread)));
        }
        return findings;
    }

    private static Optional<String> fault(Installed one) {
        return switch (one.state()) {
            case READ, UNREAD -> Optional.empty();
            case MISSING -> Optional.of(one.place() + " has no package.json");
            case BROKEN -> Optional.of(one.trouble());
        };
    }

    private static String install(NodeApp app) {
        return LockFile.of(app.installed()).map(LockFile::install).orElse("npm install");
    }
}
