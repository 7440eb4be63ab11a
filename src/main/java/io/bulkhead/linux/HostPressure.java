package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * How much the host suffers from a lack of memory.
 *
 * @param full share of the last ten seconds in which no task could run because all waited for memory, in percent; empty without
 *     /proc/pressure (CONFIG_PSI, or {@code psi=1} at boot). A group at its own limit counts too
 * @param swappedIn pages read back from swap since boot (pswpin of /proc/vmstat); only its growth means something
 */
public record HostPressure(OptionalDouble full, long swappedIn) {

    public static HostPressure read() {
        return read(Path.of("/"));
    }

    /** @param root {@code /}, or where a fixture tree stands for it */
    static HostPressure read(Path root) {
        String pressure = ControlFile.read(root.resolve("proc/pressure/memory")).orElse("");
        String vmstat = ControlFile.read(root.resolve("proc/vmstat")).orElse("");
        return new HostPressure(full(pressure), ControlFile.keyed(vmstat, "pswpin"));
    }

    private static OptionalDouble full(String pressure) {
        int line = pressure.indexOf("full avg10=");
        int end = line < 0 ? -1 : pressure.indexOf(' ', line + 5);
        if (end < 0) {
            return OptionalDouble.empty();
        }
        try {
            return OptionalDouble.of(Double.parseDouble(pressure.substring(line + 11, end)));
        } catch (NumberFormatException unknownForm) {
            return OptionalDouble.empty();
        }
    }

    /** Makes the kernel spare this process when it must choose somebody; false where it does not allow that (CAP_SYS_RESOURCE). */
    public static boolean spareThisProcess() {
        Path file = Path.of("/proc/self/oom_score_adj");
        OptionalLong now = ControlFile.number(file);
        return (now.isPresent() && now.getAsLong() <= SPARED) || ControlFile.tryWrite(file, Integer.toString(SPARED));
    }

    /** Not -1000: a daemon that itself leaks must not take the host along. */
    private static final int SPARED = -900;
}
