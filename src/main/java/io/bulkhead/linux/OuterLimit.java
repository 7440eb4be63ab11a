package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The memory limit of a group around compartments: of a pool, or of all together. It never kills by being set: one that is below what cannot be dropped just now
 * is not put in force.
 */
final class OuterLimit {

    private OuterLimit() {}

    /**
     * @param whose for people, such as {@code all apps together}
     * @return why it is not in force, a sentence
     */
    static Optional<String> set(CgroupHost.Kind kind, Path group, long bytes, String whose) {
        return switch (kind) {
            case V2 -> setV2(group, bytes, whose);
            case V1 -> write(group.resolve("memory.limit_in_bytes"), bytes, whose);
            case NONE ->
                Optional.of(whose + ": a limit of " + bytes
                        + " bytes is not enforced: this host has no control groups for us");
        };
    }

    private static Optional<String> setV2(Path group, long bytes, String whose) {
        Path file = group.resolve("memory.max");
        if (!Files.exists(file)) {
            return Optional.of(whose + ": no memory limit of " + bytes
                    + " bytes: the memory controller is not enabled in " + group.getParent());
        }
        try {
            long used = new CgroupV2(group).usage().current();
            return used > bytes ? Optional.of(tooMuch(whose, bytes)) : write(file, bytes, whose);
        } catch (IOException gone) {
            return Optional.of(whose + ": no memory limit of " + bytes + " bytes: " + gone.getMessage());
        }
    }

    private static Optional<String> write(Path file, long bytes, String whose) {
        try {
            ControlFile.write(file, Long.toString(bytes));
            return Optional.empty();
        } catch (ErrnoException refused) {
            return Optional.of(
                    refused.errno() == Errno.EBUSY
                            ? tooMuch(whose, bytes)
                            : whose + ": no memory limit of " + bytes + " bytes: " + refused.getMessage());
        }
    }

    private static String tooMuch(String whose, long bytes) {
        return whose + " use more than " + bytes
                + " bytes just now: that limit comes into force with the next start or apply"
                + " that finds them below it";
    }

    /** See {@link Cgroup.Marks}. */
    record Hits(long pool, long all) {}

    /** Of the groups around the compartment {@code group}. */
    static Hits hits(CgroupHost.Kind kind, Path group) {
        Path around = CgroupView.above(group);
        return CgroupHost.isPool(around)
                ? new Hits(hitsOf(kind, around), hitsOf(kind, CgroupView.above(around)))
                : new Hits(0, hitsOf(kind, around));
    }

    private static long hitsOf(CgroupHost.Kind kind, Path group) {
        if (kind == CgroupHost.Kind.V2) {
            String local =
                    ControlFile.read(group.resolve("memory.events.local")).orElse("");
            return ControlFile.keyed(local, "oom");
        }
        return ControlFile.number(group.resolve("memory.failcnt")).orElse(0);
    }
}
