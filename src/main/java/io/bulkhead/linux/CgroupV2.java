package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A compartment in the unified hierarchy (Documentation/admin-guide/cgroup-v2.rst). */
final class CgroupV2 implements Cgroup {

    private final Path group;
    private boolean braked;
    private String pidsLimit = "max";
    private long highestSample;

    CgroupV2(Path group) {
        this.group = group;
    }

    Path group() {
        return group;
    }

    @Override
    public Optional<Path> folder() {
        return Optional.of(group);
    }

    @Override
    public String name() {
        return group.getFileName().toString();
    }

    @Override
    public List<Path> joins() {
        return List.of(group.resolve("cgroup.procs"));
    }

    @Override
    public void keptBy(int keeperPid) {}

    @Override
    public void begin(String run) {
        highestSample = 0;
    }

    @Override
    public List<String> update(CompartmentLimits limits) throws IOException {
        List<String> cannot = new ArrayList<>();
        OptionalLong memory = limits.memory();
        if (Files.exists(group.resolve("memory.max"))) {
            // Not memory.high, which stalls for as long as there is no swap; not memory.oom.group, which takes the
            // keeper along.
            boolean raise = memory.isEmpty()
                    || ControlFile.number(group.resolve("memory.max")).orElse(Long.MAX_VALUE) < memory.getAsLong();
            if (!raise) {
                refuseBelowUse(memory.getAsLong());
                swap(limits, cannot);
            }
            ControlFile.write(
                    group.resolve("memory.max"), memory.isPresent() ? Long.toString(memory.getAsLong()) : "max");
            if (raise) {
                swap(limits, cannot);
            }
        } else if (memory.isPresent()) {
            cannot.add("memory is not limited: the memory controller is not enabled for " + group.getParent());
        }
        MemoryMinimum.set(group, limits.minimum(), cannot);
        pidsLimit = limits.pids().isPresent() ? Integer.toString(limits.pids().getAsInt()) : "max";
        if (Files.exists(group.resolve("pids.max"))) {
            ControlFile.write(group.resolve("pids.max"), pidsLimit);
        } else if (limits.pids().isPresent()) {
            cannot.add("pids is not limited: the pids controller is not enabled for " + group.getParent());
        }
        if (Files.exists(group.resolve("cpu.max"))) {
            String quota = limits.cpu().isPresent() ? Long.toString(limits.cpuQuota()) : "max";
            ControlFile.write(group.resolve("cpu.max"), quota + " " + CompartmentLimits.CPU_PERIOD);
        } else if (limits.cpu().isPresent()) {
            cannot.add("cpu is not limited: the cpu controller is not enabled for " + group.getParent());
        }
        thaw();
        return cannot;
    }

    /** Here the kernel would kill, where v1 answers EBUSY. A sixteenth is left, for what comes between look and write. */
    private void refuseBelowUse(long limit) throws IOException {
        long held = held();
        if (held > limit - limit / 16) {
            throw new IOException("memory of " + name() + " cannot be limited to " + limit + " bytes: it holds " + held
                    + " just now, and the old limit stays");
        }
    }

    private void swap(CompartmentLimits limits, List<String> cannot) throws IOException {
        Path file = group.resolve("memory.swap.max");
        if (Files.exists(file)) {
            ControlFile.write(file, limits.memory().isPresent() ? Long.toString(limits.swap()) : "max");
        } else if (limits.memory().isPresent() && HostMemory.read().swapTotal() > 0) {
            cannot.add("swap is not limited: this kernel does not count swap per group (boot with swapaccount=1)");
        }
    }

    @Override
    public List<Integer> members() throws IOException {
        return ControlFile.pids(group.resolve("cgroup.procs"));
    }

    @Override
    public Marks marks() {
        String events = ControlFile.read(group.resolve("memory.events")).orElse("");
        long peak = ControlFile.number(group.resolve("memory.peak")).orElse(highestSample);
        long kills = ControlFile.keyed(events, "oom_kill");
        String local = kills == 0
                ? ""
                : ControlFile.read(group.resolve("memory.events.local")).orElse(events);
        OuterLimit.Hits outer = OuterLimit.hits(CgroupHost.Kind.V2, group);
        return new Marks(kills, ControlFile.keyed(local, "oom"), peak, outer.pool(), outer.all());
    }

    @Override
    public Usage usage() throws IOException {
        long unreclaimable = held();
        long total = ControlFile.number(group.resolve("memory.current")).orElse(unreclaimable);
        highestSample = Math.max(highestSample, total);
        String events = ControlFile.read(group.resolve("memory.events")).orElse("");
        String local = ControlFile.read(group.resolve("memory.events.local")).orElse(events);
        return new Usage(
                unreclaimable,
                total,
                ControlFile.number(group.resolve("memory.peak")).orElse(highestSample),
                ControlFile.number(group.resolve("memory.max")).orElse(0),
                ControlFile.keyed(events, "oom_kill"),
                ControlFile.keyed(local, "oom"),
                members().size());
    }

    @Override
    public long charged() {
        return ControlFile.number(group.resolve("memory.current")).orElse(0);
    }

    @Override
    public long held() {
        return unreclaimable(ControlFile.read(group.resolve("memory.stat")).orElse(""));
    }

    /** Anonymous, shared and kernel memory of a group and all below it, out of its memory.stat. */
    static long unreclaimable(String stat) {
        return ControlFile.keyed(stat, "anon")
                + ControlFile.keyed(stat, "shmem")
                + ControlFile.keyed(stat, "sock")
                + kernelMemory(stat);
    }

    /** Kernel memory that cannot be reclaimed. The sum {@code kernel} came with 5.18. */
    private static long kernelMemory(String stat) {
        long all = ControlFile.keyed(stat, "kernel");
        if (all > 0) {
            return Math.max(0, all - ControlFile.keyed(stat, "slab_reclaimable"));
        }
        return ControlFile.keyed(stat, "kernel_stack")
                + ControlFile.keyed(stat, "pagetables")
                + ControlFile.keyed(stat, "percpu")
                + ControlFile.keyed(stat, "slab_unreclaimable");
    }

    @Override
    public boolean enforcedByKernel() {
        return Files.exists(group.resolve("memory.max"));
    }

    @Override
    public boolean endAllStep(int... spared) throws IOException {
        if (EndAll.step(this::members, spared)) {
            thaw();
            return true;
        }
        if (!braked) {
            brake();
        }
        return false;
    }

    /** No fork from now on; a daemon that dies here leaves nothing frozen, and the next {@link #update} lifts it. */
    private void brake() {
        braked = true;
        if (!ControlFile.tryWrite(group.resolve("pids.max"), "0")) {
            // Unlike v1's freezer, this one lets SIGKILL through (cgroup-v2.rst, cgroup.freeze).
            ControlFile.tryWrite(group.resolve("cgroup.freeze"), "1");
        }
    }

    private void thaw() {
        if (braked) {
            ControlFile.tryWrite(group.resolve("pids.max"), pidsLimit);
        }
        if (ControlFile.read(group.resolve("cgroup.freeze")).orElse("0").equals("1")) {
            ControlFile.tryWrite(group.resolve("cgroup.freeze"), "0");
        }
        braked = false;
    }

    @Override
    public boolean destroyStep() throws IOException {
        boolean protects = MemoryMinimum.of(group) > 0;
        boolean gone = ControlFile.remove(group);
        if (gone && protects) {
            MemoryMinimum.addUp(CgroupView.above(group));
        }
        return gone;
    }
}
