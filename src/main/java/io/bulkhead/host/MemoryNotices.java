package io.bulkhead.host;

import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.MemoryEvents;
import java.io.IOException;
import java.util.Optional;

/** The kernel's own notices about the memory of compartments, given on the loop. Where it has none, or refuses, nobody is told. */
final class MemoryNotices implements AutoCloseable {

    private final Loop loop;
    private final DaemonLog log;
    private final boolean usage;
    private final Optional<MemoryEvents> events;

    MemoryNotices(Loop loop, CgroupHost cgroups, DaemonLog log) {
        this.loop = loop;
        this.log = log;
        this.usage = cgroups.kind() == CgroupHost.Kind.V1;
        this.events = open(cgroups);
    }

    private Optional<MemoryEvents> open(CgroupHost cgroups) {
        if (cgroups.kind() == CgroupHost.Kind.NONE) {
            return Optional.empty();
        }
        try {
            MemoryEvents opened = MemoryEvents.open(cgroups);
            loop.watch(opened.fd(), () -> tell(opened));
            return Optional.of(opened);
        } catch (IOException refused) {
            log.warn("kills below a living program go unnoticed: " + refused.getMessage());
            return Optional.empty();
        }
    }

    private void tell(MemoryEvents opened) {
        try {
            opened.tell();
        } catch (IOException broken) {
            log.warn("kills below a living program go unnoticed from now on: " + broken.getMessage());
            loop.unwatch(opened.fd());
        }
    }

    /** As {@link MemoryEvents#onKill}. On the worker. */
    Optional<MemoryEvents.Watch> onKill(Cgroup group, Runnable news) {
        return events.flatMap(all -> all.onKill(group, news));
    }

    /** Whether {@link #onUsage} can be had at all. */
    boolean tellUsage() {
        return usage;
    }

    /** As {@link MemoryEvents#onUsage}. On the worker. */
    Optional<MemoryEvents.Watch> onUsage(Cgroup group, long bytes, Runnable news) {
        return events.flatMap(all -> all.onUsage(group, bytes, news));
    }

    @Override
    public void close() {
        events.ifPresent(MemoryEvents::close);
    }
}
