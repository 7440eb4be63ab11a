package io.bulkhead.host;

import io.bulkhead.guard.KnownServer;
import io.bulkhead.guard.ServerView;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Which databases the externals were, and what is told when one is another than it was. On the loop. */
final class KnownServers {

    private static final long REFRESH_MILLIS = 3_600_000;

    private final Chronicle chronicle;
    private final DaemonLog log;
    private final Map<String, String> remembered;
    /** What was told of an external, so that it is told once. */
    private final Map<String, String> told = new HashMap<>();
    /** Those whose next answer is taken for the right one. */
    private final Set<String> accepted = new HashSet<>();

    /** @param remembered by name of the external, as a former daemon noted it */
    KnownServers(Chronicle chronicle, DaemonLog log, Map<String, String> remembered) {
        this.chronicle = chronicle;
        this.log = log;
        this.remembered = new HashMap<>(remembered);
    }

    /** By name of the external: {@link KnownServer#read}. */
    Map<String, String> all() {
        return Map.copyOf(remembered);
    }

    /** A person says that they may be others now: what answers next is remembered. */
    void accept(Set<String> externals) {
        accepted.addAll(externals);
    }

    /** All that could answer have: what answers later is compared again. */
    void acceptNoMore() {
        accepted.clear();
    }

    /** One has answered. */
    void seen(ServerView view) {
        String name = view.service();
        if (!view.answered() || view.identity().isEmpty()) {
            return;
        }
        Optional<KnownServer> known = Optional.ofNullable(remembered.get(name)).flatMap(KnownServer::read);
        if (known.isEmpty() || accepted.remove(name)) {
            remember(view);
            return;
        }
        switch (known.get().compare(view)) {
            case SAME -> {
                if (System.currentTimeMillis() - known.get().seenMillis() > REFRESH_MILLIS) {
                    remember(view);
                }
                told.remove(name);
            }
            case RESTARTED -> {
                tell("external.restarted", view, name + " was restarted (" + view.title() + ")");
                remember(view);
            }
            case OTHER -> tell("external.changed", view, known.get().difference(view));
        }
    }

    private void remember(ServerView view) {
        String note = KnownServer.write(view, System.currentTimeMillis());
        remembered.put(view.service(), note);
        told.remove(view.service());
        chronicle.rememberServer(view.service(), note);
    }

    private void tell(String type, ServerView view, String message) {
        String fact = view.identity() + " " + view.run();
        if (fact.equals(told.put(view.service(), fact))) {
            return;
        }
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("external", view.service());
        fields.put("message", message);
        if (type.equals("external.changed")) {
            fields.put(
                    "hint",
                    "look who listens there: bulkhead ports; apps are not started on it unless: --skip external-identity");
        }
        chronicle.tellDaemon(type, fields);
        log.warn(message);
    }
}
