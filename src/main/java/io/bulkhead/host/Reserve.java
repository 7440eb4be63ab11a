package io.bulkhead.host;

import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.HostMemory;
import io.bulkhead.spec.Spec;
import java.util.ArrayList;
import java.util.List;

/** What apps together can never take: the limit around all compartments, and those around pools. On the worker. */
final class Reserve {

    private final CgroupHost cgroups;
    private final DaemonLog log;

    Reserve(CgroupHost cgroups, DaemonLog log) {
        this.cgroups = cgroups;
        this.log = log;
    }

    /** Puts what {@code spec} says in force at once, also for what runs. */
    void putInForce(Spec spec) {
        long total = HostMemory.read().total();
        long rest = total - spec.server().reserve();
        List<String> cannot = new ArrayList<>();
        if (rest > 0) {
            cannot.addAll(cgroups.limitAll(rest));
        } else {
            cannot.add("server.reserve leaves apps nothing of " + Doctor.mebibytes(total)
                    + ": no limit around them is set");
        }
        cannot.addAll(cgroups.limitPools(spec.pools()));
        cannot.forEach(log::warn);
    }
}
