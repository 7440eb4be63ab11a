package io.bulkhead.spec;

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

    private LaterKeys() {}
}
