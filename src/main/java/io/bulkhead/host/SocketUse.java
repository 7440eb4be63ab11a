package io.bulkhead.host;

import io.bulkhead.spec.Listen;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Which of the sockets held open for apps are still used by what lives. On the loop. */
final class SocketUse {

    private final Loop loop;
    private final Worker worker;
    private final Compartments compartments;
    private final Sockets sockets;
    private final Collection<LiveRun> runs;

    /** @param runs all that live, as they change */
    SocketUse(Loop loop, Worker worker, Compartments compartments, Sockets sockets, Collection<LiveRun> runs) {
        this.loop = loop;
        this.worker = worker;
        this.compartments = compartments;
        this.sockets = sockets;
        this.runs = runs;
    }

    /**
     * Whether {@code handover: auto} has left an address to the program. With {@code handover: false} the user has said how it is to be replaced: it may
     * share its port by SO_REUSEPORT.
     */
    boolean opensItself(LiveRun run) {
        List<String> handed = run.home().addresses();
        for (Listen address : run.app.listen()) {
            if (address.handover() == Listen.Handover.AUTO && !handed.contains(address.text())) {
                return true;
            }
        }
        return false;
    }

    /** Those that no compartment of the app has any more; all of them once it is stopped. */
    void closeUnused(String app) {
        Set<String> used = new HashSet<>();
        for (Compartment compartment : compartments.of(app)) {
            used.addAll(compartment.addresses());
        }
        for (LiveRun run : runs) {
            if (run.phase == LiveRun.Phase.PREPARING && run.instance.app().equals(app)) {
                return; // one that is being made is not known yet: when it is, we come here again
            }
        }
        worker.execute(() -> sockets.keepOnly(app, used));
    }

    /** What a former daemon held open for apps that are not to run any more. */
    void closeUnless(Predicate<String> mayRun) {
        worker.execute(() -> {
            Set<String> idle = new HashSet<>(sockets.apps());
            idle.removeIf(mayRun);
            loop.post(() -> idle.forEach(this::closeUnused));
        });
    }

    /** Its replacement lives elsewhere, with other sockets: nobody may queue at the old ones. */
    boolean isOutdated(LiveRun run) {
        for (LiveRun other : runs) {
            if (other.instance.equals(run.instance)
                    && other.compartment
                            .filter(home -> !home.sockets.equals(run.home().sockets))
                            .isPresent()) {
                return true;
            }
        }
        return false;
    }
}
