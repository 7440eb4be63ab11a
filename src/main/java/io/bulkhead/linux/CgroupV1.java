package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A compartment in the separate hierarchies of cgroup v1 (Documentation/admin-guide/cgroup-v1). Each hierarchy a keeper joins costs it
 * a grace period of the kernel (5 to 19 ms), so it joins memory, and others only where a limit needs them.
 */
final class CgroupV1 implements Cgroup {

    private static final String PROCS = "cgroup.procs";

    private final Path memory;
    private final Optional<Path> pids;
    private final Optional<Path> cpu;
    private CompartmentLimits limits = CompartmentLimits.NONE;
    private boolean braked;

    /**
     * @param memory this compartment's group in the memory hierarchy, which exists
     * @param pids where its group in the pids hierarchy is or would be
     * @param cpu likewise
     */
    CgroupV1(Path memory, Optional<Path> pids, Optional<Path> cpu) {
        this.memory = memory;
        this.pids = pids;
        this.cpu = cpu;
    }

    /** Its group in the memory hierarchy. */
    Path memory() {
        return memory;
    }

    @Override
    public Optional<Path> folder() {
        return Optional.of(memory);
    }

    @Override
    public String name() {
        return memory.getFileName().toString();
    }

    @Override
    public List<Path> joins() {
        List<Path> joins = new ArrayList<>(List.of(memory.resolve(PROCS)));
        pids.filter(Files::isDirectory).ifPresent(group -> joins.add(group.resolve(PROCS)));
        cpu.filter(Files::isDirectory).ifPresent(group -> joins.add(group.resolve(PROCS)));
        return joins;
    }

    @Override
    public void keptBy(int keeperPid) {}

    @Override
    public void begin(String run) {
        ControlFile.tryWrite(memory.resolve("memory.max_usage_in_bytes"), "0");
    }

    @Override
    public List<String> update(CompartmentLimits wanted) throws IOException {
        List<String> cannot = new ArrayList<>();
        try {
            limitMemory(wanted, cannot);
        } catch (ErrnoException e) {
            if (e.errno() == Errno.EBUSY) {
                throw new IOException("memory of " + name() + " cannot be limited to "
                        + wanted.memory().orElse(0) + " bytes: it uses " + usage().current()
                        + " just now, and the old limit stays");
            }
            throw e;
        }
        if (wanted.minimum() > 0) {
            cannot.add("memory_min is not in force: cgroup v1 protects no memory (its soft limit is none)");
        }
        String pidsLimit =
                wanted.pids().isPresent() ? Integer.toString(wanted.pids().getAsInt()) : "max";
        limit("pids", pids, wanted.pids().isPresent(), "pids.max", pidsLimit, cannot);
        if (cpu.isPresent() && wanted.cpu().isPresent()) {
            joinLate(cpu.get());
            ControlFile.write(cpu.get().resolve("cpu.cfs_period_us"), Long.toString(CompartmentLimits.CPU_PERIOD));
        }
        limit("cpu", cpu, wanted.cpu().isPresent(), "cpu.cfs_quota_us", Long.toString(wanted.cpuQuota()), cannot);
        limits = wanted;
        braked = false;
        return cannot;
    }

    /** The limit of memory and swap together may never be below that of memory, so the order depends on the direction. */
    private void limitMemory(CompartmentLimits wanted, List<String> cannot) throws ErrnoException {
        OptionalLong bytes = wanted.memory();
        String limit = bytes.isPresent() ? Long.toString(bytes.getAsLong()) : "-1";
        String together = bytes.isPresent() ? Long.toString(Math.addExact(bytes.getAsLong(), wanted.swap())) : "-1";
        Path limitFile = memory.resolve("memory.limit_in_bytes");
        Path togetherFile = memory.resolve("memory.memsw.limit_in_bytes");
        boolean countsSwap = Files.exists(togetherFile);
        if (!countsSwap) {
            ControlFile.write(limitFile, limit);
            if (bytes.isPresent() && HostMemory.read().swapTotal() > 0) {
                cannot.add("swap is not limited: this kernel does not count swap per group (boot with swapaccount=1)");
            }
            return;
        }
        long now = ControlFile.number(togetherFile).orElse(CgroupView.UNLIMITED);
        boolean raise = bytes.isEmpty() || bytes.getAsLong() > now;
        ControlFile.write(raise ? togetherFile : limitFile, raise ? together : limit);
        ControlFile.write(raise ? limitFile : togetherFile, raise ? limit : together);
    }

    private void limit(String what, Optional<Path> group, boolean asked, String file, String value, List<String> cannot)
            throws IOException {
        if (group.isPresent() && (asked || Files.isDirectory(group.get()))) {
            joinLate(group.get());
            ControlFile.write(group.get().resolve(file), value);
        } else if (asked) {
            cannot.add(what + " is not limited: no " + what + " hierarchy is mounted and writable here");
        }
    }

    /** Makes the group and takes in who is already in the compartment; a fork meanwhile is caught by the second look. */
    private void joinLate(Path group) throws IOException {
        if (Files.isDirectory(group)) {
            return;
        }
        Files.createDirectory(group);
        for (int look = 0; look < 2; look++) {
            for (int pid : members()) {
                ControlFile.tryWrite(group.resolve(PROCS), Integer.toString(pid));
            }
        }
    }

    @Override
    public List<Integer> members() throws IOException {
        return ControlFile.pids(memory.resolve(PROCS));
    }

    @Override
    public Marks marks() {
        String oom = ControlFile.read(memory.resolve("memory.oom_control")).orElse("");
        long peak =
                ControlFile.number(memory.resolve("memory.max_usage_in_bytes")).orElse(0);
        long kills = ControlFile.keyed(oom, "oom_kill");
        OuterLimit.Hits outer = OuterLimit.hits(CgroupHost.Kind.V1, memory);
        return new Marks(kills, kills == 0 ? 0 : failures(), peak, outer.pool(), outer.all());
    }

    private long failures() {
        return ControlFile.number(memory.resolve("memory.failcnt")).orElse(0)
                + ControlFile.number(memory.resolve("memory.memsw.failcnt")).orElse(0);
    }

    @Override
    public Usage usage() throws IOException {
        long unreclaimable = held();
        long limit = ControlFile.number(memory.resolve("memory.limit_in_bytes")).orElse(CgroupView.UNLIMITED);
        String oom = ControlFile.read(memory.resolve("memory.oom_control")).orElse("");
        long peak =
                ControlFile.number(memory.resolve("memory.max_usage_in_bytes")).orElse(0);
        // Kernel 6.18 was seen to kill with both failcnt at 0; that the peak stands at the limit is then the witness.
        long hits = failures() + (peak >= limit ? 1 : 0);
        return new Usage(
                unreclaimable,
                ControlFile.number(memory.resolve("memory.usage_in_bytes")).orElse(unreclaimable),
                peak,
                limit >= CgroupView.UNLIMITED ? 0 : limit,
                ControlFile.keyed(oom, "oom_kill"),
                hits,
                members().size());
    }

    /** Anonymous and shared memory of a group and all below it, out of its memory.stat. */
    static long unreclaimable(String stat) {
        return ControlFile.keyed(stat, "total_rss") + ControlFile.keyed(stat, "total_shmem");
    }

    @Override
    public long charged() {
        return ControlFile.number(memory.resolve("memory.usage_in_bytes")).orElse(0);
    }

    @Override
    public long held() {
        return unreclaimable(ControlFile.read(memory.resolve("memory.stat")).orElse(""));
    }

    @Override
    public boolean enforcedByKernel() {
        return Files.exists(memory.resolve("memory.limit_in_bytes"));
    }

    @Override
    public boolean endAllStep(int... spared) throws IOException {
        if (EndAll.step(this::members, spared)) {
            release();
            return true;
        }
        if (!braked) {
            brake();
        }
        return false;
    }

    /**
     * No fork from now on. Not the freezer: a frozen v1 process does not die of SIGKILL before it is thawed, and a daemon that
     * dies in between would leave it frozen.
     */
    private void brake() throws IOException {
        braked = true;
        if (pids.isPresent()) {
            if (!Files.isDirectory(pids.get())) {
                Files.createDirectory(pids.get());
            }
            ControlFile.tryWrite(pids.get().resolve("pids.max"), "0");
            for (int pid : members()) {
                ControlFile.tryWrite(pids.get().resolve(PROCS), Integer.toString(pid));
            }
        }
    }

    private void release() {
        if (braked && pids.isPresent()) {
            String value =
                    limits.pids().isPresent() ? Integer.toString(limits.pids().getAsInt()) : "max";
            ControlFile.tryWrite(pids.get().resolve("pids.max"), value);
        }
        braked = false;
    }

    @Override
    public boolean destroyStep() throws IOException {
        boolean gone = ControlFile.remove(memory);
        gone &= pids.isEmpty() || ControlFile.remove(pids.get());
        gone &= cpu.isEmpty() || ControlFile.remove(cpu.get());
        return gone;
    }
}
