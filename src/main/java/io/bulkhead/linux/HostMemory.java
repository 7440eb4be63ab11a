package io.bulkhead.linux;

import java.nio.file.Path;

/**
 * The host's memory in bytes (/proc/meminfo), or of a group around this process (a container) where that is limited to less.
 *
 * @param total what this process may have in all
 * @param available what programs could get without swapping, as the kernel estimates; on kernels before 3.14 free and cached
 */
public record HostMemory(long total, long available, long swapTotal, long swapFree) {

    private static final long KIB = 1024;

    public static HostMemory read() {
        return read(Path.of("/"));
    }

    /** @param root {@code /}, or where a fixture tree stands for it */
    static HostMemory read(Path root) {
        String text = ControlFile.read(root.resolve("proc/meminfo")).orElse("");
        CgroupView.MemoryBound bound =
                CgroupView.read(root).memoryBound().orElse(new CgroupView.MemoryBound(Long.MAX_VALUE, Long.MAX_VALUE));
        long available = figure(text, "MemAvailable:");
        return new HostMemory(
                Math.min(bound.limit(), figure(text, "MemTotal:")),
                Math.min(bound.room(), available > 0 ? available : figure(text, "MemFree:") + figure(text, "Cached:")),
                figure(text, "SwapTotal:"),
                figure(text, "SwapFree:"));
    }

    /** What is in use and cannot be dropped. */
    public long used() {
        return Math.max(0, total - available);
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
