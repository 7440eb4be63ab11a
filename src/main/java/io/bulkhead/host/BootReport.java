package io.bulkhead.host;

import io.bulkhead.core.Outcome;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How far the daemon's start has come: {@code up -d} waits for it. Written by the loop, read by the api. */
final class BootReport {

    /** There was nothing to start. */
    static final Outcome NOTHING = new Outcome(Outcome.State.DONE, 0, "", "");

    private final List<String> found;
    private volatile Outcome outcome = new Outcome(Outcome.State.PENDING, 0, "starting", "");

    /** @param found sentences about what a former daemon had left */
    BootReport(List<String> found) {
        this.found = List.copyOf(found);
    }

    List<String> found() {
        return found;
    }

    /** What came of two wishes: a failure comes first. */
    static Outcome both(Outcome one, Outcome other) {
        Outcome first = one.state() == Outcome.State.FAILED ? one : other;
        Outcome second = first == one ? other : one;
        String messages = first.message().isEmpty() || second.message().isEmpty()
                ? first.message() + second.message()
                : first.message() + "\n" + second.message();
        return new Outcome(first.state(), first.exitCode(), messages, first.hint());
    }

    void done(Outcome how) {
        outcome = how;
    }

    Map<String, @Nullable Object> document() {
        Outcome now = outcome;
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("state", now.state().name().toLowerCase(java.util.Locale.ROOT));
        document.put("message", now.message());
        document.put("hint", now.hint());
        document.put("exit_code", now.exitCode());
        document.put("found", found);
        return document;
    }
}
