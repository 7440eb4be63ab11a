package io.bulkhead.spec;

import io.bulkhead.spec.AppSpec.Checks;
import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Text;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What must hold before an app starts, besides what is always looked at. */
final class CheckKeys {

    private static final Key<String> NODE = Key.of(
            "node",
            new Text("a range of versions such as \">=20 <25\"", 100),
            "Versions of Node, besides what its packages say.");
    private static final Key<List<String>> FILES = Key.of(
            "files",
            AppTypes.FILES,
            "Files that must exist, relative to working_dir; those ending in .json, .yaml or .yml must be that.");
    private static final Key<List<String>> WRITABLE =
            Key.of("writable", AppTypes.FILES, "Folders and files that its user must be able to write to.");
    private static final Key<Long> DISK_FREE = Key.of(
            "disk_free", Sizes.type(0, false), "Free space wanted where it runs and in the folders it writes to.");
    private static final Key<Boolean> LOCKFILE =
            Key.of("lockfile", new Flag(), "Whether node_modules must match the lock file.");
    private static final Key<Boolean> MODULES =
            Key.of("modules", new Flag(), "Whether every dependency must be installed.");
    private static final Key<Long> FREE_MEMORY =
            Key.of("free_memory", Sizes.type(0, false), "Memory that must be available.");

    static final Key<Values> CHECKS = Key.of(
            "checks",
            new Section("checks", true, NODE, FILES, WRITABLE, DISK_FREE, LOCKFILE, MODULES, FREE_MEMORY),
            "What must hold before a person starts, reloads or applies it.");

    private CheckKeys() {}

    static Checks bind(Values app, Path folder, Host host) {
        Values written = app.get(CHECKS).orElse(Values.empty(app.place()));
        return new Checks(
                written.get(NODE),
                paths(written.get(FILES).orElse(List.of()), folder, host),
                paths(written.get(WRITABLE).orElse(List.of()), folder, host),
                written.get(DISK_FREE),
                written.get(LOCKFILE),
                written.get(MODULES),
                written.get(FREE_MEMORY));
    }

    private static List<Path> paths(List<String> names, Path folder, Host host) {
        List<Path> paths = new ArrayList<>();
        for (String name : names) {
            paths.add(AppTypes.resolve(folder, name, host));
        }
        return List.copyOf(paths);
    }

    /** What the key reads back. */
    static Map<String, Object> source(Checks checks) {
        Map<String, Object> all = new LinkedHashMap<>();
        checks.node().ifPresent(range -> all.put(NODE.name(), range));
        if (!checks.files().isEmpty()) {
            all.put(FILES.name(), checks.files().stream().map(Path::toString).toList());
        }
        if (!checks.writable().isEmpty()) {
            all.put(
                    WRITABLE.name(),
                    checks.writable().stream().map(Path::toString).toList());
        }
        checks.diskFree().ifPresent(bytes -> all.put(DISK_FREE.name(), Sizes.text(bytes)));
        checks.lockfile().ifPresent(wanted -> all.put(LOCKFILE.name(), wanted));
        checks.modules().ifPresent(wanted -> all.put(MODULES.name(), wanted));
        checks.freeMemory().ifPresent(bytes -> all.put(FREE_MEMORY.name(), Sizes.text(bytes)));
        return all;
    }
}
