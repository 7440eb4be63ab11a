package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * A compartment without a cgroup (ordinary user, container): its processes are found by descent, session and mark, its memory is
 * sampled, and nothing but the daemon acts on a limit.
 */
final class NoCgroup implements Cgroup {

    /** Runs whose processes may still be there: the last few are enough, as a new one starts in an empty compartment. */
    private static final int REMEMBERED_RUNS = 8;

    private final String name;
    private final ProcessTables tables;
    private final List<String> runs = new ArrayList<>();
    private int keeper = -1;
    private CompartmentLimits limits = CompartmentLimits.NONE;
    private long peak;

    NoCgroup(String name, ProcessTables tables) {
        this.name = name;
        this.tables = tables;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Optional<Path> folder() {
        return Optional.empty();
    }

    @Override
    public List<Path> joins() {
        return List.of();
    }

    @Override
    public void keptBy(int keeperPid) {
        keeper = keeperPid;
    }

    @Override
    public void begin(String run) {
        runs.add(run);
        if (runs.size() > REMEMBERED_RUNS) {
            runs.removeFirst();
        }
        peak = 0;
    }

    @Override
    public List<String> update(CompartmentLimits wanted) {
        limits = wanted;
        List<String> cannot = new ArrayList<>();
        if (wanted.memory().isPresent()) {
            cannot.add("memory is sampled, not enforced by the kernel");
        }
        if (wanted.minimum() > 0) {
            cannot.add("memory_min is not in force: no cgroup can be made here");
        }
        if (wanted.pids().isPresent()) {
            cannot.add("pids is not limited: no cgroup can be made here");
        }
        if (wanted.cpu().isPresent()) {
            cannot.add("cpu is not limited: no cgroup can be made here");
        }
        return cannot;
    }

    @Override
    public List<Integer> members() {
        return tables.now().belonging(keeper, new HashSet<>(runs));
    }

    @Override
    public Marks marks() {
        return new Marks(0, 0, peak, 0, 0);
    }

    @Override
    public Usage usage() {
        List<Integer> members = tables.recent().belonging(keeper, new HashSet<>(runs));
        long current = held(members);
        return new Usage(current, current, peak, limits.memory().orElse(0), 0, 0, members.size());
    }

    @Override
    public long charged() {
        return held();
    }

    @Override
    public long held() {
        return held(tables.recent().belonging(keeper, new HashSet<>(runs)));
    }

    private long held(List<Integer> members) {
        long held = 0;
        for (int pid : members) {
            held += tables.proc().unreclaimable(pid).orElse(0);
        }
        peak = Math.max(peak, held);
        return held;
    }

    @Override
    public boolean enforcedByKernel() {
        return false;
    }

    @Override
    public boolean endAllStep(int... spared) throws IOException {
        // A stopped process forks no more and dies of SIGKILL all the same; the second look finds what it forked
        // before.
        EndAll.signalAll(this::members, Signals.STOP, spared);
        EndAll.signalAll(this::members, Signals.STOP, spared);
        return EndAll.step(this::members, spared);
    }

    @Override
    public boolean destroyStep() {
        return true;
    }
}
