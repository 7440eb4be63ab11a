package io.bulkhead.core;

/** Marks of a run's memory, from the lowest to the highest. */
public enum MemoryLevel {
    /** {@code memory_drain}. */
    DRAIN_MARK("drain mark"),
    /** Half way between the drain mark and the limit. */
    LAST_CHANCE("last chance");

    private final String word;

    MemoryLevel(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
