package io.bulkhead.core;

/**
 * What was known when a run reached a mark of its memory. Sizes in bytes.
 *
 * @param mark the drain mark, whatever {@code level} was reached
 * @param perSecond growth, 0 when it did not grow
 */
record MarkReached(MemoryLevel level, long bytes, long mark, long limit, long perSecond, boolean roomForTwo) {

    static MarkReached of(Event.MemoryAboveMark event, Run run) {
        long limit = run.spec.limits().memory().orElse(0L);
        long mark = run.spec.memoryWatch().flatMap(watch -> watch.drainAt()).orElse(limit);
        return new MarkReached(
                event.level(), event.bytes(), mark, limit, Math.max(0, event.bytesPerSecond()), event.roomForTwo());
    }

    /** Until it reaches its limit if it grows on like this; {@code Long.MAX_VALUE} when it does not grow. */
    long millisToLimit() {
        return perSecond == 0 ? Long.MAX_VALUE : Math.max(0, limit - bytes) * 1000 / perSecond;
    }

    /** Such as "it used 103 MiB of 128 MiB (drain mark 102.4 MiB) and grew by 15 MiB a second". */
    String words() {
        String growth = perSecond < 1 << 10 ? "" : " and grew by " + Words.bytes(perSecond) + " a second";
        return "it used " + Words.bytes(bytes) + " of " + Words.bytes(limit) + " (drain mark " + Words.bytes(mark) + ")"
                + growth;
    }
}
