package io.bulkhead.host;

import io.bulkhead.core.AppView;
import io.bulkhead.core.Event;
import io.bulkhead.core.Origin;
import io.bulkhead.core.Target;
import io.bulkhead.spec.TunnelSpec.Via;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;

/**
 * The commands that have opened tunnels and wait at the control socket: a tunnel of theirs is closed when its command is gone, however that came about. On the
 * loop.
 */
final class TunnelTerminals {

    /** So long after its own start a daemon leaves a tunnel alone whose command has lost the daemon before. */
    private static final long RETURN_MILLIS = 20_000;

    private final Loop loop;
    private final Supervision supervision;
    private final Chronicle chronicle;
    private final Map<String, CompletableFuture<String>> waiting = new HashMap<>();

    TunnelTerminals(Loop loop, Supervision supervision, Chronicle chronicle) {
        this.loop = loop;
        this.supervision = supervision;
        this.chronicle = chronicle;
        loop.after(RETURN_MILLIS, this::closeForgotten);
    }

    /** @return false when another command waits already */
    boolean attach(String name, CompletableFuture<String> ended) {
        return waiting.putIfAbsent(name, ended) == null;
    }

    /** The command has left, or was answered. */
    void left(String name, CompletableFuture<String> ended, String why) {
        if (waiting.remove(name, ended)) {
            close(name, why);
        }
    }

    /** Somebody closes it, in words for its command; the wish itself is the caller's. */
    void closed(String name, String why) {
        CompletableFuture<String> ended = waiting.remove(name);
        chronicle.tellTunnel("tunnel.closed", name, "closed: " + why);
        if (ended != null) {
            ended.complete(why);
        }
    }

    private void close(String name, String why) {
        Optional<AppView> view = supervision.supervisor().app(name);
        if (view.isPresent() && view.get().origin() == Origin.TERMINAL) {
            chronicle.tellTunnel("tunnel.closed", name, "closed: " + why);
            supervision.wish(new Event.DeleteWish(new Target(Optional.of(name), OptionalInt.empty())), false);
        }
    }

    private void closeForgotten() {
        for (AppView view : supervision.supervisor().apps()) {
            boolean opened =
                    view.origin() == Origin.TERMINAL && view.spec().tunnel().isPresent();
            if (opened && !waiting.containsKey(view.name())) {
                close(view.name(), "the command that opened it under a former daemon has not come back");
            }
        }
    }

    /** A host key has come to be trusted: tunnels through that server that could not start try again at once. */
    void retry(Via via) {
        for (AppView view : supervision.supervisor().apps()) {
            boolean through = view.spec()
                    .tunnel()
                    .filter(tunnel -> tunnel.via().knownAs().equals(via.knownAs()))
                    .isPresent();
            boolean down = view.instances().stream().allMatch(one -> one.pid().isEmpty() && !one.held());
            if (through && down) {
                supervision.wish(new Event.ResetWish(new Target(Optional.of(view.name()), OptionalInt.empty())), false);
            }
        }
    }
}
