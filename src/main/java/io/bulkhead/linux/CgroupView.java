package io.bulkhead.linux;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

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

    /** The smallest memory limit on the way from this process's own group to the top; empty when there is none. */
    OptionalLong memoryLimit() {
        long smallest = UNLIMITED;
        for (LimitedGroup each : limited()) {
            smallest = Math.min(smallest, each.limit);
        }
        return smallest == UNLIMITED ? OptionalLong.empty() : OptionalLong.of(smallest);
    }

    /** Bytes that are left below the tightest of those limits, page cache counted as free; {@code Long.MAX_VALUE} without one. */
    long memoryRoom() {
        long room = Long.MAX_VALUE;
        for (LimitedGroup each : limited()) {
            long held = each.unified
                    ? new CgroupV2(each.folder).held()
                    : new CgroupV1(each.folder, Optional.empty(), Optional.empty()).held();
            room = Math.min(room, Math.max(0, each.limit - held));
        }
        return room;
    }

    private record LimitedGroup(Path folder, boolean unified, long limit) {}

    private List<LimitedGroup> limited() {
        List<LimitedGroup> limited = new ArrayList<>();
        for (CgroupMount mount : mounts) {
            boolean memory = mount.unified() || mount.controllers().contains("memory");
            String file = mount.unified() ? "memory.max" : "memory.limit_in_bytes";
            Path at = memory ? ownFolder(mount, mount.unified() ? "" : "memory") : root;
            while (at != null && memory && at.startsWith(top(mount))) {
                long limit = ControlFile.number(at.resolve(file)).orElse(UNLIMITED);
                if (limit < UNLIMITED) {
                    limited.add(new LimitedGroup(at, mount.unified(), limit));
                }
                at = at.getParent();
            }
        }
        return limited;
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
