package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A process that cannot be mistaken for another one with the same number.
 *
 * @param bootId /proc/sys/kernel/random/boot_id
 * @param pid its number
 * @param startTicks field 22 of /proc/PID/stat, 1/100 s after boot
 */
public record ProcessIdentity(String bootId, int pid, long startTicks) {

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    /** The process that has this number now; empty when there is none. */
    public static Optional<ProcessIdentity> of(int pid) {
        return Proc.HOST.stat(pid).map(stat -> new ProcessIdentity(currentBoot(), pid, stat.startTicks()));
    }

    /** Whether it still exists, as a zombie too. Ask before every signal that does not go through a {@link Pidfd}. */
    public boolean exists() {
        return of(pid).filter(this::equals).isPresent();
    }

    /** This boot of the kernel; empty text where it is not told. */
    public static String currentBoot() {
        return Boot.ID;
    }

    private static final class Boot {
        static final String ID = read();

        private static String read() {
            try {
                return Files.readString(BOOT_ID).strip();
            } catch (IOException notTold) {
                return "";
            }
        }
    }
}
