package io.bulkhead.core;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.AppSpec.MemoryWatch;
import java.util.Optional;

/** What is free between the peak of a program and its limit, and the limit that leaves enough. */
public final class Headroom {

    private static final long MIB = 1L << 20;

    /** In percent, of an app that says nothing of it. */
    private static final double STANDARD_BUFFER = 20;

    /** From here on a limit is written in steps of 4M, which are less than 1 % of it. */
    private static final long LARGE = 512 * MIB;

    /** Never recommended below: the pages of its own files, 35 MB for Node, count for whoever reads them first. */
    private static final long LEAST = 48 * MIB;

    private Headroom() {}

    /** What is free above {@code peak}, in percent of it; {@code peak} is above 0. */
    public static double percent(long peak, long limit) {
        return (limit - peak) * 100.0 / peak;
    }

    /**
     * A limit, as one would write it, that leaves the wanted headroom above {@code peak} and keeps the peak below the drain mark, where that
     * stays the same part of the limit.
     */
    public static long fitting(long peak, double bufferPercent, Optional<MemoryWatch> watch, Optional<Long> limit) {
        Optional<Long> mark = watch.flatMap(MemoryWatch::drainAt);
        return mark.isPresent() && limit.isPresent()
                ? fitting(peak, bufferPercent, mark.get(), limit.get())
                : fitting(peak, bufferPercent, 1, 1);
    }

    /** The same for what {@code app} asks for. */
    public static long fitting(long peak, AppSpec app) {
        Optional<MemoryWatch> watch = app.memoryWatch();
        return fitting(
                peak,
                watch.map(MemoryWatch::buffer).orElse(STANDARD_BUFFER),
                watch,
                app.limits().memory());
    }

    /** The same where there is a mark: that it is reached only at the limit is as good as none. */
    static long fitting(long peak, double bufferPercent, long mark, long limit) {
        double share = Math.clamp((double) mark / limit, 0.01, 1.0);
        double least = Math.max(LEAST, peak * Math.max(1 + bufferPercent / 100, 1 / share));
        long step = least < LARGE ? MIB : 4 * MIB;
        return Math.ceilDiv((long) Math.ceil(least), step) * step;
    }
}
