package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CompartmentLimits;
import io.bulkhead.linux.Keeper;
import io.bulkhead.linux.MemoryEvents;
import io.bulkhead.linux.ProcessIdentity;
import io.bulkhead.spec.Listen;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where the runs of one instance live, one after another: a control group with its limits, and a keeper that is parent to the
 * programs, holds their output, their exit status and the lock. Owned by the loop once it is made.
 */
final class Compartment {

    final InstanceId instance;
    final Path folder;
    /** Its control group; where somebody has removed that, what finds its processes without one. */
    volatile Cgroup cgroup;

    final Keeper keeper;
    /** The keeper, which cannot be mistaken for another process. */
    final ProcessIdentity keeperIdentity;

    /** The pool it was made in. */
    final Optional<String> pool;

    /** The sockets that its keeper holds, from descriptor 3 on. */
    final List<Sockets.Held> sockets;

    volatile List<LogSource> logs;
    /** The run that lives in it, or is about to. */
    Optional<LiveRun> run = Optional.empty();

    /** Ready to replace the run when it crashes; see {@link Spares}. */
    Optional<Spare> spare = Optional.empty();

    /** Ended, its end judged, and not reaped yet. */
    OptionalInt toBury = OptionalInt.empty();

    boolean keeperGone;
    /** The kernel's notice of kills in it; changed on the worker alone. */
    Optional<MemoryEvents.Watch> killNotice = Optional.empty();
    /** Its notice that the drain mark is crossed, where it gives one. */
    MarkNotices.Notice markNotice = new MarkNotices.Notice();

    /** Such a notice is being looked into. */
    boolean killNoticed;
    /** Somebody has removed its control group: nothing new begins in it. */
    boolean groupGone;
    /** The limits in force; changed on the worker alone. */
    CompartmentLimits limits;
    /** The app as it stands in the record; changed on the worker alone. */
    String recorded = "";
    /** The kernel's count of kills when its last run ended: what is above it belongs to the present one. */
    long killsBefore;
    /** Likewise of the times its own limit was the reason. */
    long limitHitsBefore;
    /** Likewise of its pool's limit, and of the limit of all compartments. */
    long poolHitsBefore;

    long allHitsBefore;

    Compartment(
            InstanceId instance,
            Path folder,
            Cgroup cgroup,
            Keeper keeper,
            ProcessIdentity keeperIdentity,
            CompartmentLimits limits,
            Optional<String> pool,
            List<Sockets.Held> sockets,
            List<LogSource> logs) {
        this.instance = instance;
        this.folder = folder;
        this.cgroup = cgroup;
        this.keeper = keeper;
        this.keeperIdentity = keeperIdentity;
        this.limits = limits;
        this.pool = pool;
        this.sockets = List.copyOf(sockets);
        this.logs = List.copyOf(logs);
    }

    /** Whether its control group was there and is no more. */
    boolean vanished() {
        return groupGone
                || cgroup.folder().filter(group -> !Files.isDirectory(group)).isPresent();
    }

    /** Whether the next run of its instance can live in it, as far as that is known before the run is prepared. */
    boolean takes(InstanceId wanted, Optional<String> wantedPool) {
        return run.isEmpty() && !keeperGone && !vanished() && instance.equals(wanted) && suits(wantedPool);
    }

    /** A compartment cannot move into another pool, and the keeper of another version starts nothing more. */
    boolean suits(Optional<String> wantedPool) {
        return pool.equals(wantedPool) && keeper.isOurs();
    }

    /** Whether its keeper holds what a program is to inherit: it cannot be given other sockets. */
    boolean holds(List<Listen> addresses) {
        return addresses().equals(addresses.stream().map(Listen::text).toList());
    }

    List<String> addresses() {
        return sockets.stream().map(Sockets.Held::address).toList();
    }

    /** What the kernel has counted so far is told. */
    void counted(Cgroup.Marks marks) {
        killsBefore = marks.oomKills();
        limitHitsBefore = marks.limitHits();
        poolHitsBefore = marks.poolHits();
        allHitsBefore = marks.allHits();
    }
}
