package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A mounted cgroup hierarchy, from a line of /proc/self/mountinfo (proc(5)).
 *
 * @param unified whether it is cgroup v2
 * @param controllers of a v1 hierarchy, such as memory, or cpu and cpuacct together; empty for v2
 * @param shownRoot the group of the hierarchy that is seen at the mount point: {@code /}, or a container's own
 * @param point where it is mounted
 * @param readOnly whether the mount forbids writing
 */
record CgroupMount(boolean unified, List<String> controllers, String shownRoot, Path point, boolean readOnly) {

    static List<CgroupMount> parse(String mountinfo) {
        List<CgroupMount> mounts = new ArrayList<>();
        for (String line : mountinfo.split("\n")) {
            int separator = line.indexOf(" - ");
            String[] before =
                    separator < 0 ? new String[0] : line.substring(0, separator).split(" ");
            String[] after = separator < 0
                    ? new String[0]
                    : line.substring(separator + 3).split(" ");
            if (before.length < 6 || after.length < 3 || !after[0].startsWith("cgroup")) {
                continue;
            }
            boolean readOnly = List.of(before[5].split(",")).contains("ro");
            boolean unified = after[0].equals("cgroup2");
            List<String> options = unified ? List.of() : List.of(after[2].split(","));
            mounts.add(new CgroupMount(unified, options, unescape(before[3]), Path.of(unescape(before[4])), readOnly));
        }
        return mounts;
    }

    static Optional<CgroupMount> unified(List<CgroupMount> mounts) {
        return mounts.stream().filter(CgroupMount::unified).findFirst();
    }

    static Optional<CgroupMount> of(String controller, List<CgroupMount> mounts) {
        return mounts.stream()
                .filter(mount -> mount.controllers().contains(controller))
                .findFirst();
    }

    /** The folder of the group {@code path} (as /proc/PID/cgroup names it); the mount point where that lies outside what is shown. */
    Path folder(String path) {
        String shown = shownRoot.equals("/") ? "" : shownRoot;
        if (path.contains("/..") || (!path.equals(shown) && !path.startsWith(shown + "/"))) {
            return point;
        }
        String below = path.substring(shown.length());
        return below.length() <= 1 ? point : point.resolve(below.substring(1));
    }

    /** mountinfo writes blank, tab, newline and backslash as octal numbers. */
    private static String unescape(String text) {
        return text.replace("\\040", " ")
                .replace("\\011", "\t")
                .replace("\\012", "\n")
                .replace("\\134", "\\");
    }
}
