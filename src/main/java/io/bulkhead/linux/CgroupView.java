package io.bulkhead.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What this process sees of the host's cgroups.
 *
 * @param root {@code /}, or where a fixture tree stands for it
 * @param mounts hierarchies, in the order they were mounted
 * @param own where this process is
 */
record CgroupView(Path root, List<CgroupMount> mounts, CgroupPaths own) {

    /** v1 shows about 2^63 for "no limit"; no host has this much. */
    static final long UNLIMITED = 1L << 60;

    static CgroupView read(Path root) {
        String mountinfo = ControlFile.read(root.resolve("proc/self/mountinfo")).orElse("");
        String own = ControlFile.read(root.resolve("proc/self/cgroup")).orElse("");
        return new CgroupView(root, CgroupMount.parse(mountinfo), CgroupPaths.parse(own));
    }

    /** The mount point itself. */
    Path top(CgroupMount mount) {
        return rebase(mount.point());
    }

    /** This process's own group, as a folder. */
    Path ownFolder(CgroupMount mount, String controller) {
        return rebase(mount.folder(own.of(controller).orElse("/")));
    }

    /** The group {@code path}, as /proc/PID/cgroup names it, as a folder. */
    Path folder(CgroupMount mount, String path) {
        return rebase(mount.folder(path));
    }

    /**
     * A memory limit around this process.
     *
     * @param room what is left below it, when page cache is dropped
     */
    record MemoryBound(long limit, long room) {}

    /** The smallest memory limit on the way from this process's own group to the top; empty when there is none. */
    Optional<MemoryBound> memoryBound() {
        Optional<MemoryBound> smallest = Optional.empty();
        for (CgroupMount mount : mounts) {
            boolean memory = mount.unified() || mount.controllers().contains("memory");
            String file = mount.unified() ? "memory.max" : "memory.limit_in_bytes";
            Path at = memory ? ownFolder(mount, mount.unified() ? "" : "memory") : root;
            while (at != null && memory && at.startsWith(top(mount))) {
                long limit = ControlFile.number(at.resolve(file)).orElse(UNLIMITED);
                if (limit < smallest.map(MemoryBound::limit).orElse(UNLIMITED)) {
                    smallest = Optional.of(new MemoryBound(limit, Math.max(0, limit - held(at, mount.unified()))));
                }
                at = at.getParent();
            }
        }
        return smallest;
    }

    /** What the processes of a group hold that cannot be dropped. */
    private static long held(Path group, boolean unified) {
        String stat = ControlFile.read(group.resolve("memory.stat")).orElse("");
        return unified ? CgroupV2.unreclaimable(stat) : CgroupV1.unreclaimable(stat);
    }

    /** Folders under which a group could be made, the outermost first, each once. */
    List<Path> parents(CgroupMount mount, String controller) {
        List<Path> parents = new ArrayList<>(List.of(top(mount)));
        Path ownFolder = ownFolder(mount, controller);
        if (!parents.contains(ownFolder)) {
            parents.add(ownFolder);
        }
        return parents;
    }

    /** The group around {@code group}; itself at the top. */
    static Path above(Path group) {
        return Objects.requireNonNullElse(group.getParent(), group);
    }

    /** Whether groups can be made in {@code folder} and processes moved there. */
    static boolean writable(Path folder) {
        return Files.isWritable(folder) && Files.isWritable(folder.resolve("cgroup.procs"));
    }

    /** The first of {@code parents} in which we may make a group. */
    static Optional<Path> firstWritable(List<Path> parents) {
        return parents.stream().filter(CgroupView::writable).findFirst();
    }

    private Path rebase(Path absolute) {
        return root.resolve(Path.of("/").relativize(absolute));
    }
}
