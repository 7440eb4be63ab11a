package io.bulkhead.linux;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where a process is in each hierarchy: the lines of /proc/PID/cgroup (cgroups(7)). */
record CgroupPaths(Map<String, String> byController) {

    static CgroupPaths parse(String text) {
        Map<String, String> paths = new HashMap<>();
        for (String line : text.split("\n")) {
            String[] parts = line.split(":", 3);
            if (parts.length == 3) {
                for (String controller : List.of(parts[1].split(","))) {
                    paths.put(controller, parts[2]);
                }
            }
        }
        return new CgroupPaths(paths);
    }

    /** The path for a v1 controller, or for the unified hierarchy under the empty name. */
    Optional<String> of(String controller) {
        return Optional.ofNullable(byController.get(controller));
    }
}
