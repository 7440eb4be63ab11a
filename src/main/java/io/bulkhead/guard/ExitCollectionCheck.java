package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code global.gc()} in a {@code beforeExit} handler, which advice on the web has: it never runs in a server, and would free nothing. */
final class ExitCollectionCheck implements Check {

    private static final String EVENT = "beforeExit";

    /** A handler that is longer does more than that. */
    private static final int HANDLER = 500;

    @Override
    public String name() {
        return "exit-collection";
    }

    @Override
    public List<Finding> look(Subject subject) throws IOException {
        Optional<NodeApp> found = NodeApp.of(subject);
        if (found.isEmpty()) {
            return List.of();
        }
        NodeApp app = found.get();
        List<String> places = new ArrayList<>();
        SourceFiles.each(SourceFiles.running(app), SourceFiles.BUILT, (file, text) -> {
            for (int at = text.indexOf(EVENT); at >= 0; at = text.indexOf(EVENT, at + EVENT.length())) {
                String handler = text.substring(at, Math.min(text.length(), at + HANDLER));
                if ((handler.contains("global.gc") || handler.contains("globalThis.gc"))
                        && !SourceFiles.isComment(text, at)) {
                    places.add(SourceFiles.place(app, file, text, at));
                }
            }
        });
        return places.isEmpty()
                ? List.of()
                : List.of(subject.note(
                        this,
                        "global.gc() in a beforeExit handler does nothing: node does not come there on a signal or process.exit(), and a"
                                + " process that ends gives all its memory back",
                        "remove it; memory and memory_drain in bulkhead.yaml are what keeps an app within its memory",
                        Many.some(places)));
    }
}
