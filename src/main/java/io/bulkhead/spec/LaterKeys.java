package io.bulkhead.spec;

import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Whole;
import io.bulkhead.spec.Several.Named;
import java.util.List;
import java.util.Map;

/** The keys of an app that are read and checked today and carried out by a later version. */
final class LaterKeys {

    static final Key<List<String>> WATCH = Key.of(
                    "watch", AppTypes.FILES, "Folders and files whose change restarts it.")
            .notYet();
    static final Key<Map<String, Integer>> CONNECTIONS = Key.of(
                    "connections",
                    new Named<>("SERVICE: NUMBER", Names.THING, new Whole(0, 1_000_000), true),
                    "Connections it may hold, all instances together.")
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
