package io.bulkhead.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Memory that the kernel does not take from a group (memory.min in cgroup-v2.rst). A group protects no more than the one around it does, up to the root, so
 * those of ours are given the sum of what they hold.
 */
final class MemoryMinimum {

    private static final String FILE = "memory.min";

    private MemoryMinimum() {}

    /** In bytes, 0 without. */
    static long of(Path group) {
        return ControlFile.number(group.resolve(FILE)).orElse(0);
    }

    static void set(Path group, long bytes, List<String> cannot) {
        if (of(group) == bytes) {
            return;
        }
        if (!ControlFile.tryWrite(group.resolve(FILE), Long.toString(bytes))) {
            cannot.add("memory_min is not in force: the kernel does not take it for " + group);
            return;
        }
        Optional<Path> less = addUp(CgroupView.above(group));
        if (bytes > 0 && less.isPresent()) {
            cannot.add("memory_min is not wholly in force: " + less.get() + " around it protects only " + of(less.get())
                    + " bytes");
        }
    }

    /** Gives {@code group} and the groups of ours around it the sum of what is in them; returns the first that protects less. */
    static Optional<Path> addUp(Path group) {
        for (Path around = group; Files.exists(around.resolve(FILE)); around = CgroupView.above(around)) {
            long sum = 0;
            for (String inside : CgroupHost.groupsIn(around)) {
                sum = Math.addExact(sum, of(around.resolve(inside)));
            }
            Path name = around.getFileName();
            boolean ours =
                    CgroupHost.isPool(around) || name != null && name.toString().startsWith("bulkhead");
            if (of(around) != sum
                    && !(ours && ControlFile.tryWrite(around.resolve(FILE), Long.toString(sum)))
                    && of(around) < sum) {
                return Optional.of(around);
            }
        }
        return Optional.empty();
    }
}
