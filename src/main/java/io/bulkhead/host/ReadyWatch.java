package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.FolderEvents;
import io.bulkhead.linux.Sight;
import io.bulkhead.spec.Ready;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Sees when a run becomes ready that does not say so itself: it listens ({@code ready: listen}), or has sent its parent 'ready' ({@code ready: message}). What Node
 * does, its preload shows by a file, of which the kernel tells; of other programs the kernel tells nothing, so they are looked at, ever more seldom, while they start.
 */
final class ReadyWatch {

    private static final long FIRST_GAP_MILLIS = 50;
    private static final long LONGEST_GAP_MILLIS = 500;

    /** Where it cannot be seen at all: as long as an app counts as starting that says nothing of readiness. */
    private static final long UNSEEN_MILLIS = 1_000;

    private final Loop loop;
    private final Worker worker;
    private final Function<LiveRun, RunSockets> sockets;
    private final HealthWatch health;
    private final DaemonLog log;
    private final Consumer<Event> outcome;
    private final Map<String, Watched> watched = new HashMap<>();
    /** There once there is a folder to watch. */
    private Optional<FolderEvents> folders = Optional.empty();

    /** @param health is told when a run's private socket appears */
    ReadyWatch(
            Loop loop,
            Worker worker,
            Function<LiveRun, RunSockets> sockets,
            HealthWatch health,
            DaemonLog log,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.worker = worker;
        this.sockets = sockets;
        this.health = health;
        this.log = log;
        this.outcome = outcome;
    }

    private static final class Watched {
        final LiveRun run;
        final long since = Loop.now();
        Optional<FolderEvents.Watch> folder = Optional.empty();
        Optional<Loop.Timer> next = Optional.empty();
        long gap = FIRST_GAP_MILLIS;
        boolean looking;
        boolean lookAgain;
        boolean over;

        Watched(LiveRun run) {
            this.run = run;
        }
    }

    /** Its program exists: started by us, or found. */
    void begun(LiveRun run) {
        boolean looks = run.app.ready() instanceof Ready.Listening || run.app.ready() instanceof Ready.Messaged;
        if (!looks && run.app.health().isEmpty()) {
            return;
        }
        Watched one = new Watched(run);
        watched.put(run.id, one);
        watchFolder(one);
        if (looks) {
            later(one, 0);
        }
    }

    void ended(String run) {
        Watched one = watched.remove(run);
        if (one != null) {
            one.over = true;
            one.next.ifPresent(loop::cancel);
            one.folder.ifPresent(FolderEvents.Watch::close);
        }
    }

    /** Its app's specification has changed. */
    void updated(LiveRun run) {
        ended(run.id);
        begun(run);
    }

    private void watchFolder(Watched one) {
        try {
            if (folders.isEmpty()) {
                FolderEvents made = new FolderEvents();
                loop.watch(made.fd(), () -> tell(made));
                folders = Optional.of(made);
            }
            one.folder = Optional.of(folders.get().watch(sockets.apply(one.run).folder(), name -> appeared(one)));
        } catch (ErrnoException noNode) {
            one.folder = Optional.empty();
        }
    }

    private void tell(FolderEvents events) {
        try {
            events.tell();
        } catch (ErrnoException broken) {
            log.warn("what appears in the folders of Node's sockets is not heard: " + broken.getMessage());
        }
    }

    private void appeared(Watched one) {
        health.soon(one.run.id);
        if (one.looking) {
            one.lookAgain = true;
        } else if (one.next.isPresent()) {
            later(one, 0);
        }
    }

    private void later(Watched one, long millis) {
        one.next.ifPresent(loop::cancel);
        one.next = Optional.of(loop.after(millis, () -> look(one)));
    }

    private void look(Watched one) {
        if (one.run.phase != LiveRun.Phase.ALIVE) {
            return;
        }
        one.looking = true;
        one.lookAgain = false;
        RunSockets where = sockets.apply(one.run);
        boolean message = one.run.app.ready() instanceof Ready.Messaged;
        worker.execute(() -> {
            Sight sight = message ? (where.saidReady() ? Sight.WAITS : Sight.NOT_YET) : where.listens();
            loop.post(() -> seen(one, sight));
        });
    }

    private void seen(Watched one, Sight sight) {
        one.looking = false;
        if (one.over) {
            return;
        }
        boolean unseen = sight == Sight.HIDDEN && Loop.now() - one.since >= UNSEEN_MILLIS;
        if (sight == Sight.WAITS || unseen) {
            if (unseen) {
                log.warn(one.run.instance + ": this host does not let Bulkhead see whether it listens (CAP_SYS_PTRACE):"
                        + " it counts as ready after 1 s; a healthcheck would tell");
            }
            if (one.run.app.health().isEmpty()) {
                ended(one.run.id);
            } else {
                one.next = Optional.empty();
            }
            outcome.accept(new Event.RunReady(one.run.id));
            return;
        }
        later(one, one.lookAgain ? 0 : one.gap);
        one.gap = Math.min(one.gap * 3 / 2, LONGEST_GAP_MILLIS);
    }
}
