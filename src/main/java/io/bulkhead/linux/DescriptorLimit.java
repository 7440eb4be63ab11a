package io.bulkhead.linux;

import java.nio.file.Path;

/**
 * How many descriptors a program started by us may have.
 *
 * @param hard RLIMIT_NOFILE's hard limit of this process
 * @param most /proc/sys/fs/nr_open: beyond it nobody's limit can go
 * @param mayRaise whether we may go beyond our own hard limit (CAP_SYS_RESOURCE)
 */
public record DescriptorLimit(long hard, long most, boolean mayRaise) {

    private static final String LINE = "Max open files";
    private static final int CAP_SYS_RESOURCE = 24;

    public static DescriptorLimit read() {
        String own = ControlFile.read(Path.of("/proc/self/status")).orElse("");
        int at = own.indexOf("CapEff:");
        long capabilities = at < 0
                ? 0
                : Long.parseUnsignedLong(
                        own.substring(at + 7, own.indexOf('\n', at)).strip(), 16);
        return new DescriptorLimit(
                hard(ControlFile.read(Path.of("/proc/self/limits")).orElse("")),
                ControlFile.read(Path.of("/proc/sys/fs/nr_open"))
                        .map(text -> Long.parseLong(text.strip()))
                        .orElse(Long.MAX_VALUE),
                (capabilities >> CAP_SYS_RESOURCE & 1) == 1);
    }

    /** Of "Max open files            1024                 524288               files". */
    static long hard(String limits) {
        int at = limits.indexOf(LINE);
        if (at < 0) {
            return Long.MAX_VALUE;
        }
        String[] words = limits.substring(at + LINE.length(), limits.indexOf('\n', at))
                .strip()
                .split(" +");
        return words[1].equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(words[1]);
    }

    /** What a program may really get. */
    public long reachable() {
        return mayRaise ? most : Math.min(hard, most);
    }
}
