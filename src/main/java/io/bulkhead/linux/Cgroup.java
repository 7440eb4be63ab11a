package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * One compartment: the processes of one instance, what they may use, and their end. Three kinds behind one face: cgroup v2,
 * cgroup v1, and none, where processes are found by descent, session and their run's mark, and memory is only sampled.
 */
public sealed interface Cgroup permits CgroupV1, CgroupV2, NoCgroup {

    /** Its name among its siblings. */
    String name();

    /** The group that counts its memory, to find it again by; empty where there is no cgroup. */
    Optional<Path> folder();

    /** Files into which the keeper writes itself before its first word; none where there is no cgroup. */
    List<Path> joins();

    /** The keeper is there: what descends from it belongs here. */
    void keptBy(int keeperPid);

    /** A new run begins: its processes carry {@code BULKHEAD_RUN=run}, and the peak counts from now where the kernel can. */
    void begin(String run);

    /**
     * Puts limits in force at once, also for what runs. Returns what this host cannot enforce, one sentence each.
     *
     * @throws IOException when a limit below present use cannot be reached (v1), with the old one still in force
     */
    List<String> update(CompartmentLimits limits) throws IOException;

    /** Living processes, the keeper among them; zombies not. Empty when the group is gone. */
    List<Integer> members() throws IOException;

    Usage usage() throws IOException;

    /** {@link Usage#total} alone, in one small read: never less than {@link #held}. */
    long charged() throws IOException;

    /** {@link Usage#current} alone. */
    long held() throws IOException;

    /**
     * The figures that the end of a run asks for, without the dear rest of {@link #usage}: a replacement waits for them.
     *
     * @param oomKills as in {@link Usage}
     * @param limitHits as in {@link Usage}, without the witness of the peak; 0 while {@code oomKills} is 0
     * @param peak as in {@link Usage}
     * @param poolHits how often its pool's limit was reached so that the kernel killed; of the pool's other members too. Only changes mean
     *     something. On v1 page cache reaches it too, without harm
     * @param allHits likewise the limit of all compartments together, which keeps the reserve
     */
    record Marks(long oomKills, long limitHits, long peak, long poolHits, long allHits) {}

    Marks marks();

    /** Whether the kernel holds the limit; otherwise use is only sampled. */
    boolean enforcedByKernel();

    /**
     * Kills everything but {@code spared}, the keeper first of all, and keeps it from forking meanwhile. Returns at once: true when nothing is left, false
     * when it must be called again (in some milliseconds, until it is true: then forking is allowed again).
     */
    boolean endAllStep(int... spared) throws IOException;

    /** Removes the empty group. False while a process that is just ending still holds it: call again. */
    boolean destroyStep() throws IOException;
}
