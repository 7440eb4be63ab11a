package io.bulkhead.host;

import io.bulkhead.core.KernelKills;
import io.bulkhead.core.KernelKills.Where;
import io.bulkhead.linux.Cgroup;
import io.bulkhead.linux.CgroupHost;
import io.bulkhead.linux.KernelLog;
import io.bulkhead.linux.OomKill;
import java.util.List;
import java.util.function.Consumer;

/**
 * What the kernel says of its kills: its counters at once, its log where a count has risen. The counters do not say for certain whose memory had run
 * out; the log does, where it may be read.
 */
final class KernelWitness implements AutoCloseable {

    /** The kernel charges pages in batches: a tree at its limit may stand some pages below it. */
    private static final long PEAK_SLACK = 256 << 10;

    /** What a pool's group is called before its name. */
    private static final String POOL = "pool:";

    private final KernelLog log = KernelLog.open();
    private final CgroupHost cgroups;
    private final String folder;

    /** @param folder name of the group that holds all compartments */
    KernelWitness(CgroupHost cgroups, String folder) {
        this.cgroups = cgroups;
        this.folder = folder;
    }

    boolean readsLog() {
        return log.readable();
    }

    /** Whether a death without a record of the kernel was no kill of the kernel's. */
    boolean knows() {
        return cgroups.kind() != CgroupHost.Kind.NONE || log.readable();
    }

    /** From the counters alone; nothing where there are none. */
    KernelKills counted(LiveRun run, Compartment compartment, Cgroup.Marks marks) {
        long count = marks.oomKills() - compartment.killsBefore;
        if (count <= 0) {
            return KernelKills.NONE;
        }
        Where where = hitItsLimit(run, compartment, marks)
                ? Where.OWN_LIMIT
                : marks.poolHits() > compartment.poolHitsBefore
                        ? Where.POOL
                        : marks.allHits() > compartment.allHitsBefore ? Where.ALL_APPS : Where.HOST;
        return new KernelKills(
                (int) count,
                where,
                where == Where.POOL ? run.app.limits().pool().orElse("") : "");
    }

    /**
     * The kernel counts every process it kills for want of memory, whether the compartment's limit or the whole host was the reason. That
     * the limit was reached is the difference: by its own counter, or, since kernel 6.18 was seen to leave that at 0 on v1, by the peak.
     */
    private static boolean hitItsLimit(LiveRun run, Compartment compartment, Cgroup.Marks marks) {
        long limit = run.app.limits().memory().orElse(Long.MAX_VALUE);
        return limit < Long.MAX_VALUE
                && (marks.limitHits() > compartment.limitHitsBefore || marks.peak() >= limit - PEAK_SLACK);
    }

    /** Gives the log's records of kills in {@code compartment} to {@code then}, on a thread of its own. */
    void records(Compartment compartment, int pid, Consumer<List<OomKill>> then) {
        Thread.ofVirtual().name("kernel-log").start(() -> then.accept(log.take(compartment.cgroup, pid)));
    }

    /** What the log adds to the counters, or stands for where there are none. */
    KernelKills exactly(KernelKills counted, List<OomKill> records, Compartment compartment) {
        if (records.isEmpty()) {
            return counted;
        }
        OomKill last = records.getLast();
        int count = Math.max(counted.count(), records.size());
        if (last.hostWide()) {
            return new KernelKills(count, Where.HOST, "");
        }
        if (last.limitGroup().isEmpty()) {
            return new KernelKills(
                    count, counted.where(), counted.pool()); // a record of which the kernel left out half
        }
        if (KernelLog.ofItsOwnLimit(last, compartment.cgroup)) {
            return KernelKills.ownLimit(count);
        }
        String name = last.limitGroup().substring(last.limitGroup().lastIndexOf('/') + 1);
        if (name.equals(folder)) {
            return new KernelKills(count, Where.ALL_APPS, "");
        }
        return last.limitGroup().contains("/" + folder + "/")
                ? new KernelKills(count, Where.POOL, name.startsWith(POOL) ? name.substring(POOL.length()) : name)
                : new KernelKills(count, Where.HOST, "");
    }

    /** The victim as we number it; 0 where the kernel's numbers are others. */
    int ownPid(OomKill kill) {
        return log.ownPid(kill);
    }

    @Override
    public void close() {
        log.close();
    }
}
