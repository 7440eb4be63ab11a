package io.bulkhead.guard;

import io.bulkhead.guard.LockFile.Locked;
import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Whether node_modules is what the lock file says: complete, and of this lock file. */
final class LockFileCheck implements Check {

    @Override
    public String name() {
        return "lockfile";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException, InterruptedException {
        Optional<Boolean> wanted = PackageWishes.of(subject.app()).lockfile();
        Optional<NodeApp> found = wanted.equals(Optional.of(false)) ? Optional.empty() : NodeApp.of(subject);
        if (found.isEmpty()) {
            return List.of();
        }
        NodeApp app = found.get();
        Optional<LockFile> lock = LockFile.of(app.installed());
        if (lock.isEmpty()) {
            return wanted.isEmpty()
                    ? List.of()
                    : List.of(subject.error(
                            this,
                            "checks.lockfile is on, and " + app.installed() + " has no lock file",
                            "bring package-lock.json along, or write lockfile: false"));
        }
        if (!Files.isDirectory(app.modules())) {
            // Nothing at all is the other check's matter, and may be meant: a bundle needs no packages.
            return List.of();
        }
        if (isInterrupted(subject, app, lock.get())) {
            return List.of(subject.error(
                    this,
                    "the installation in " + app.modules() + " was interrupted: packages or files of them are missing",
                    fix(app, lock.get()),
                    "node_modules/" + lock.get().mark() + " is missing; " + writer(lock.get()) + " writes it last"));
        }
        return lock.get().isNpm() ? compare(subject, app, lock.get()) : List.of();
    }

    private static boolean isInterrupted(Subject subject, NodeApp app, LockFile lock)
            throws IOException, InterruptedException {
        if (lock.isComplete(app.modules()) || app.isPlugAndPlay()) {
            return false;
        }
        // npm before 7 wrote no such file; an empty project has no packages, and npm then writes nothing.
        return lock.isNpm()
                ? !LockFile.packages(lock.file(), root -> {}).isEmpty()
                : !Together.packages(subject, app).all().isEmpty();
    }

    private static String writer(LockFile lock) {
        return lock.install().substring(0, lock.install().indexOf(' '));
    }

    private static String fix(NodeApp app, LockFile lock) {
        return "cd " + app.installed() + " && " + lock.install();
    }

    private List<Finding> compare(Subject subject, NodeApp app, LockFile lock)
            throws IOException, InterruptedException {
        Map<String, Locked> mark = Together.mark(subject, app);
        if (mark.isEmpty()) {
            return List.of();
        }
        List<JsonFile> roots = new ArrayList<>();
        Map<String, Locked> wanted = LockFile.packages(lock.file(), roots::add);
        List<String> differences = new ArrayList<>();
        wanted.forEach((place, locked) -> {
            Locked has = mark.get(place);
            if (has == null) {
                if (!locked.mayBeAbsent()) {
                    differences.add(place + ": " + locked.version() + " in the lock file, not installed");
                }
            } else if (!has.version().equals(locked.version())) {
                differences.add(place + ": " + locked.version() + " in the lock file, " + has.version() + " installed");
            }
        });
        if (!differences.isEmpty()) {
            return List.of(subject.error(
                    this,
                    "node_modules is not what " + lock.file().getFileName() + " says: "
                            + Many.count(differences.size(), "package") + " missing or of another version",
                    fix(app, lock),
                    Many.some(differences)));
        }
        return undeclared(subject, app, lock, roots);
    }

    /** package.json was changed, and the lock file not: the packages that run are not those that it names. */
    private List<Finding> undeclared(Subject subject, NodeApp app, LockFile lock, List<JsonFile> roots) {
        if (roots.isEmpty() || !app.folder().equals(app.installed())) {
            return List.of();
        }
        Map<String, String> locked = roots.getFirst().object("dependencies").texts();
        List<String> differences = new ArrayList<>();
        app.dependencies().forEach((name, range) -> {
            String known = locked.getOrDefault(name, "none");
            if (!known.equals(range)) {
                differences.add(name + ": " + range + " in package.json, " + known + " in the lock file");
            }
        });
        return differences.isEmpty()
                ? List.of()
                : List.of(subject.warning(
                        this,
                        "package.json and " + lock.file().getFileName() + " do not agree: npm ci would refuse them",
                        "cd " + app.installed() + " && npm install",
                        Many.some(differences)));
    }
}
