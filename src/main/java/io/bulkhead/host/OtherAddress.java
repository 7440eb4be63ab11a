package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.spec.Listen;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Finds the Node program that listens, but not where {@code listen} says: nothing else would tell its user why nobody is answered. On the loop; the
 * asking is done elsewhere.
 */
final class OtherAddress {

    /** A program that has listened somewhere has had its time to listen where it should. */
    private static final long LOOK_AFTER_MILLIS = 5_000;

    private static final long PATIENCE_MILLIS = 2_000;

    private final Loop loop;
    private final NodeProcesses nodes;
    private final Chronicle chronicle;

    OtherAddress(Loop loop, NodeProcesses nodes, Chronicle chronicle) {
        this.loop = loop;
        this.nodes = nodes;
        this.chronicle = chronicle;
    }

    void begun(LiveRun run) {
        if (!run.home().sockets.isEmpty()) {
            loop.after(LOOK_AFTER_MILLIS, () -> look(run));
        }
    }

    private void look(LiveRun run) {
        List<Integer> processes = nodes.of(run);
        Path folder = nodes.folder(run.instance);
        if (processes.isEmpty()) {
            return;
        }
        Thread.ofVirtual().name("other-address").start(() -> {
            List<String> others = new ArrayList<>();
            for (int pid : processes) {
                Optional<Doc> state = RunSocket.ask(folder, pid, "state", PATIENCE_MILLIS);
                if (state.isPresent() && !state.get().texts("listening").isEmpty()) {
                    return;
                }
                state.ifPresent(known -> known.docs("other").forEach(other -> others.add(words(other))));
            }
            if (!others.isEmpty()) {
                loop.post(() -> tell(run, others));
            }
        });
    }

    private static String words(Doc other) {
        if (other.has("path")) {
            return other.text("path");
        }
        String host = other.text("host");
        return host.isEmpty() ? "port " + other.number("port", 0) : host + ":" + other.number("port", 0);
    }

    private void tell(LiveRun run, List<String> others) {
        String configured = run.app.listen().stream().map(Listen::text).collect(Collectors.joining(", "));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put(
                "detail",
                "listens on " + String.join(", ", others) + ", not on " + configured
                        + " as `listen` says: whoever connects there waits");
        fields.put(
                "hint",
                "let the program listen there (PORT in its environment says where), or change `listen` and: bulkhead apply");
        chronicle.tell("listen.other", run.instance, run.id, fields);
    }
}
