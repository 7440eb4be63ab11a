package io.bulkhead.host;

import io.bulkhead.linux.TcpSocket;
import io.bulkhead.linux.TcpSockets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The one beat on which the host around the apps is watched: every two seconds the sockets that listen are read once, for everybody who watches some of
 * them. A look costs about half a millisecond. On the loop; the looks run on a thread of their own, which exists only where there is something to look at.
 */
final class Lookout {

    private static final long LOOK_MILLIS = 2_000;
    private static final long IDLE_MILLIS = 4_000;

    /** Somebody who watches. */
    interface Watcher {

        /** On the loop: what is to be looked at this time; empty: nothing. */
        Optional<Look> next();
    }

    /** One look. */
    interface Look {

        /** Local TCP ports whose listeners it wants to see. */
        Set<Integer> ports();

        /**
         * On the lookout's thread; may wait a second or two.
         *
         * @param listening sockets on its ports, and on others
         * @return what is to be done with it on the loop
         */
        Runnable at(List<TcpSocket> listening);
    }

    private final Loop loop;
    private final DaemonLog log;
    private final List<Watcher> watchers = new ArrayList<>();
    private Optional<Worker> looker = Optional.empty();
    private Optional<Loop.Timer> next = Optional.empty();
    private boolean looking;
    private boolean again;

    Lookout(Loop loop, DaemonLog log) {
        this.loop = loop;
        this.log = log;
    }

    void add(Watcher watcher) {
        watchers.add(watcher);
    }

    /** Looks at once, and goes on looking. */
    void soon() {
        if (looking) {
            again = true;
        } else {
            look();
        }
    }

    private void look() {
        next.ifPresent(loop::cancel);
        again = false;
        List<Look> looks = new ArrayList<>();
        Set<Integer> ports = new HashSet<>();
        for (Watcher watcher : watchers) {
            watcher.next().ifPresent(look -> {
                looks.add(look);
                ports.addAll(look.ports());
            });
        }
        if (looks.isEmpty()) {
            later(IDLE_MILLIS);
            return;
        }
        if (looker.isEmpty()) {
            looker = Optional.of(new Worker("lookout", log));
        }
        looking = true;
        looker.get().execute(() -> {
            List<Runnable> seen = new ArrayList<>();
            try {
                List<TcpSocket> listening = ports.isEmpty() ? List.of() : TcpSockets.listening(ports::contains);
                for (Look look : looks) {
                    seen.add(look.at(listening));
                }
            } finally {
                loop.post(() -> seen(seen));
            }
        });
    }

    private void seen(List<Runnable> seen) {
        looking = false;
        seen.forEach(Runnable::run);
        if (again) {
            look();
        } else {
            later(LOOK_MILLIS);
        }
    }

    /** On the same whole seconds as everything else. */
    private void later(long millis) {
        next = Optional.of(loop.after(MemoryWatch.aligned(Loop.now(), millis), this::look));
    }

    void close() {
        looker.ifPresent(Worker::close);
    }
}
