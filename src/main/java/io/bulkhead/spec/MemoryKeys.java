package io.bulkhead.spec;

import io.bulkhead.spec.Scalars.Text;
import io.bulkhead.spec.Scalars.Word;
import java.util.List;

/** What an app may say about its memory. */
final class MemoryKeys {

    /** Less than this holds no program, and the keeper lives in the compartment too. */
    static final long LEAST = 1L << 20;

    static final Key<Long> MEMORY = Key.of(
                    "memory",
                    Sizes.type(LEAST, true),
                    "Hard limit of the whole process tree of one instance, kept by the kernel.")
            .alias("mem_limit")
            .foreign("max_memory_restart", "memory_limit", "max_memory");
    static final Key<Long> SWAP = Key.of(
                    "memory_swap", Sizes.type(0, true), "Swap the tree may use besides its memory.")
            .standard("0");
    static final Key<Long> MIN = Key.of("memory_min", Sizes.type(0, true), "Memory the kernel protects for it.")
            .standard("0")
            .foreign("mem_reservation", "memory_low");
    static final Key<String> POOL =
            Key.of("pool", new Text("the name of a pool", 64), "A compartment it shares with others.");
    static final Key<MemoryMark> DRAIN = Key.of(
                    "memory_drain", MemoryMark.TYPE, "Part of memory above which it is replaced gracefully.")
            .standard("80%");
    static final Key<Double> BUFFER = Key.of(
                    "memory_buffer", Off.or(Percent.TYPE, 0.0), "Wanted headroom above the observed peak.")
            .standard("20%");
    static final Key<String> OOM_KILL = Key.of(
                    "oom_kill",
                    Word.of("group", "process"),
                    "What ends when the kernel kills one process of the tree: all of it, or that one.")
            .standard("group");

    private MemoryKeys() {}

    /** Warns of what is written about the limit of an app that has none. */
    static void warnWithoutLimit(Values own, Problems problems) {
        for (Key<?> key : List.of(DRAIN, BUFFER, OOM_KILL)) {
            boolean means = key == OOM_KILL && own.has(POOL); // a pool's limit kills too
            boolean off = key == DRAIN && own.get(DRAIN).orElse(null) instanceof MemoryMark.None;
            if (own.has(key) && !means && !off) {
                problems.warning(
                        own.keyPlace(key),
                        Words.quoted(key.name()) + " has no effect without \"memory\"",
                        "write memory as well, or remove it");
            }
        }
    }
}
