package io.bulkhead.linux;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * What one compartment may use. Empty means no limit.
 *
 * @param memory bytes, page cache included, which the kernel drops before it refuses
 * @param swap bytes of swap besides, counted only together with {@code memory}
 * @param minimum bytes the kernel leaves it when others want memory, 0 for none; cgroup v2 only
 * @param pids processes and threads, the keeper among them
 * @param cpu CPUs' worth of time, 0.01 and more
 */
public record CompartmentLimits(OptionalLong memory, long swap, long minimum, OptionalInt pids, OptionalDouble cpu) {

    public static final CompartmentLimits NONE =
            new CompartmentLimits(OptionalLong.empty(), 0, OptionalInt.empty(), OptionalDouble.empty());

    /** Without protected memory. */
    public CompartmentLimits(OptionalLong memory, long swap, OptionalInt pids, OptionalDouble cpu) {
        this(memory, swap, 0, pids, cpu);
    }

    /** The period of the CPU quota, in microseconds: the kernel's own default. */
    static final long CPU_PERIOD = 100_000;

    /** Microseconds of CPU time in each {@link #CPU_PERIOD}, -1 without a limit. The kernel takes no quota below 1 ms. */
    long cpuQuota() {
        return cpu.isPresent() ? Math.max(1_000, Math.round(cpu.getAsDouble() * CPU_PERIOD)) : -1;
    }
}
