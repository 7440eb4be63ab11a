package io.bulkhead.spec;

import io.bulkhead.spec.Scalars.Flag;
import io.bulkhead.spec.Scalars.Text;
import java.util.List;

/** The keys of an app that are read and checked today and carried out by a later version. */
final class LaterKeys {

    static final Key<List<String>> WATCH = Key.of(
                    "watch", AppTypes.FILES, "Folders and files whose change restarts it.")
            .notYet();
    static final Key<Values> QUEUE = Key.of(
                    "queue",
                    new Section(
                            "queue",
                            true,
                            Key.of("bullmq", new Text("the name of a queue", 256), "A BullMQ queue."),
                            Key.of("redis", new Text("the name of an external", 64), "The external it lives in.")),
                    "A queue whose depth is shown and alerted on.")
            .notYet();
    static final Key<Values> CHECKS = Key.of(
                    "checks",
                    new Section(
                            "checks",
                            true,
                            Key.of(
                                    "node",
                                    new Text("a range of versions such as \">=20 <25\"", 100),
                                    "Versions of Node."),
                            Key.of("files", AppTypes.FILES, "Files that must exist."),
                            Key.of("writable", AppTypes.FILES, "Folders it must be able to write to."),
                            Key.of("disk_free", Sizes.type(0, false), "Free disk wanted."),
                            Key.of("lockfile", new Flag(), "Whether node_modules must match the lock file."),
                            Key.of("modules", new Flag(), "Whether every dependency must be installed."),
                            Key.of("free_memory", Sizes.type(0, false), "Free memory wanted.")),
                    "What must hold before it starts.")
            .notYet();

    private LaterKeys() {}
}
