package io.bulkhead.host;

import java.util.Optional;

/**
 * V8's sizes for a process in a compartment, chosen so that the drain mark comes first, then V8's own error, which names the
 * reason, then the kernel, which does not. The table of measurements is in ARCHITECTURE.md.
 *
 * <p>A process uses about 12 MiB besides its old generation, more with buffers and native modules. An old generation of less than the
 * mark minus that lets V8 abort before anybody drains; one near the limit lets the kernel come first. The young generation takes up to
 * three semi-spaces and is bounded as well: left alone, Node 24 stands above the mark half of the time while nothing is wrong.
 *
 * @param oldMebibytes {@code --max-old-space-size}
 * @param semiMebibytes {@code --max-semi-space-size}
 */
record NodeHeap(long oldMebibytes, long semiMebibytes) {

    private static final long MIB = 1 << 20;
    private static final long LEAST_OLD = 16;

    /** The mark where none is written. */
    private static final double USUAL_MARK = 0.8;

    /** Above this share of the limit a mark is too near to the kernel for V8 to come between. */
    private static final double HIGHEST_MARK = 0.9;

    /**
     * @param limit bytes for the whole process tree
     * @param mark bytes at which it is drained; empty: never
     */
    static NodeHeap of(long limit, Optional<Long> mark) {
        double share = Math.clamp((double) mark.orElse(0L) / limit, USUAL_MARK, HIGHEST_MARK);
        long old = (long) ((share + 0.02) * limit / MIB) - 8;
        return new NodeHeap(Math.max(LEAST_OLD, old), semi(limit));
    }

    private static long semi(long limit) {
        long mebibytes = limit / MIB;
        return mebibytes < 192 ? 1 : mebibytes < 448 ? 2 : mebibytes < 896 ? 4 : mebibytes < 1792 ? 8 : 16;
    }

    /** What V8 then calls its heap size limit: both generations. */
    long limitBytes() {
        return oldMebibytes * MIB + youngBytes();
    }

    /** Up to three semi-spaces. */
    long youngBytes() {
        return 3 * semiMebibytes * MIB;
    }

    /** As words of NODE_OPTIONS. */
    String options() {
        return "--max-old-space-size=" + oldMebibytes + " --max-semi-space-size=" + semiMebibytes;
    }
}
