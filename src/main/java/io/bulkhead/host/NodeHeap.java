package io.bulkhead.host;

/**
 * V8's sizes for a process in a compartment, chosen so that the drain mark comes first, then V8's own error, which names the
 * reason, then the kernel, which does not.
 *
 * <p>V8 gives up when its old generation is full; the process then uses 8 to 30 MiB more than that. Between the mark (80 %) and that point
 * there must be room: an old generation that ends at the mark let V8 abort a worker that was asked to stop, jobs in hand, and what is
 * drained at its last chance (half way to the limit) never got so far. With these sizes V8 aborted at 90 to 97 % of limits of 128 MiB to
 * 1 GiB, and the kernel killed nobody (Node 18, 20, 22, 24); with 94 % of 1 GiB the kernel came first in two of four. The young generation, up to three semi-spaces, is bounded as
 * well, and the preload keeps newer versions from letting garbage stand up to the limit: see preload.cjs.
 *
 * @param oldMebibytes {@code --max-old-space-size}
 * @param semiMebibytes {@code --max-semi-space-size}
 */
record NodeHeap(long oldMebibytes, long semiMebibytes) {

    private static final long MIB = 1 << 20;
    private static final long LEAST_OLD = 16;

    /** @param limit bytes for the whole process tree */
    static NodeHeap of(long limit) {
        long mebibytes = limit / MIB;
        long old = Math.min(mebibytes * 95 / 100 - 13, mebibytes * 92 / 100);
        return new NodeHeap(Math.max(LEAST_OLD, old), semi(mebibytes));
    }

    private static long semi(long mebibytes) {
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
