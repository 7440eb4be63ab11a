package io.bulkhead.host;

import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.MemoryEvents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** Takes compartments apart: keeper, control group and folder. Runs on the worker; waits for the kernel for a second at most. */
final class CompartmentRemoval {

    private static final int DESTROY_TRIES = 500;

    private final CgroupHost cgroups;
    private final LogPump pump;
    private final DaemonLog log;

    CompartmentRemoval(CgroupHost cgroups, LogPump pump, DaemonLog log) {
        this.cgroups = cgroups;
        this.pump = pump;
        this.log = log;
    }

    /** Ends the keeper and removes everything; nothing else lives in it any more. */
    void dissolve(Compartment compartment) {
        try {
            if (!compartment.keeperGone) {
                compartment.keeper.quit();
            }
            for (LogSource source : compartment.logs) {
                pump.detach(source, () -> {});
            }
        } catch (IOException failed) {
            log.warn(compartment.instance + ": " + failed.getMessage());
        }
        awaitKeeper(compartment);
        compartment.killNotice.ifPresent(MemoryEvents.Watch::close);
        compartment.markNotice.close();
        compartment.keeper.close();
        destroy(compartment.cgroup);
        deleteFolder(compartment.folder);
    }

    private void awaitKeeper(Compartment compartment) {
        try {
            for (int i = 0; i < DESTROY_TRIES && !compartment.keeper.process().ended(); i++) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            if (!compartment.keeperGone) {
                compartment.keeper.process().reap();
            }
        } catch (ErrnoException notOurChild) {
            log.info(compartment.instance + ": its keeper was another daemon's child");
        }
    }

    void destroy(Cgroup cgroup) {
        try {
            for (int i = 0; i < DESTROY_TRIES; i++) {
                if (cgroup.destroyStep()) {
                    cgroups.removeEmptyPools();
                    return;
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(2));
            }
            log.warn("the control group " + cgroup.name() + " is still in use and stays behind");
        } catch (IOException failed) {
            log.warn("the control group " + cgroup.name() + " cannot be removed: " + failed.getMessage());
        }
    }

    /** Removes what a former daemon left, when nothing lives in it any more. */
    void removeLeftover(Path place, Cgroup cgroup) {
        destroy(cgroup);
        deleteFolder(place);
    }

    void deleteFolder(Path place) {
        try (Stream<Path> files = Files.walk(place)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException failed) {
            log.warn(place + " cannot be removed: " + failed.getMessage());
        }
    }
}
