package io.bulkhead.linux;

import java.nio.file.Path;

/**
 * The host's memory in bytes (/proc/meminfo).
 *
 * @param total what this process may have in all: less than the host's where a group around it (a container) is limited
 * @param available what programs could get without swapping, as the kernel estimates, or what is left
 *     below the limit of a group around this process; on kernels before 3.14 free and cached
 */
public record HostMemory(long total, long available, long swapTotal, long swapFree) {

    private static final long KIB = 1024;

    public static HostMemory read() {
        return read(Path.of("/"));
    }

    /** @param root {@code /}, or where a fixture tree stands for it */
    static HostMemory read(Path root) {
        String text = ControlFile.read(root.resolve("proc/meminfo")).orElse("");
        CgroupView groups = CgroupView.read(root);
        long limit = groups.memoryLimit().orElse(Long.MAX_VALUE);
        long available = figure(text, "MemAvailable:");
        return new HostMemory(
                Math.min(limit, figure(text, "MemTotal:")),
                Math.min(
                        groups.memoryRoom(),
                        available > 0 ? available : figure(text, "MemFree:") + figure(text, "Cached:")),
                figure(text, "SwapTotal:"),
                figure(text, "SwapFree:"));
    }

    private static long figure(String text, String name) {
        int at = text.startsWith(name) ? 0 : text.indexOf("\n" + name) + 1;
        if (!text.startsWith(name, at)) {
            return 0;
        }
        int end = text.indexOf(" kB", at);
        String number = end < 0 ? "" : text.substring(at + name.length(), end).strip();
        try {
            return Long.parseLong(number) * KIB;
        } catch (NumberFormatException malformed) {
            return 0;
        }
    }
}
