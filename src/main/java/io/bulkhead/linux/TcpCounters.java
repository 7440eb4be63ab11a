package io.bulkhead.linux;

import java.nio.file.Path;

/** What the kernel counts of this network namespace's TCP (/proc/net/snmp, RFC 4022). */
public final class TcpCounters {

    private static final Path SNMP = Path.of("/proc/net/snmp");

    private TcpCounters() {}

    /** How many attempts to connect have failed since the boot, refused ones and those in vain; 0 where it cannot be read. */
    public static long failedAttempts() {
        return failedAttempts(ControlFile.read(SNMP).orElse(""));
    }

    /** Two lines begin with {@code Tcp:}: the names, and the figures in the same order. */
    static long failedAttempts(String text) {
        int names = text.indexOf("\nTcp:");
        int figures = names < 0 ? -1 : text.indexOf("\nTcp:", names + 1);
        if (figures < 0) {
            return 0;
        }
        String[] name = text.substring(names + 1, figures).split(" ");
        int end = text.indexOf('\n', figures + 1);
        String[] figure =
                text.substring(figures + 1, end < 0 ? text.length() : end).split(" ");
        for (int i = 0; i < Math.min(name.length, figure.length); i++) {
            if (name[i].equals("AttemptFails")) {
                return Long.parseLong(figure[i]);
            }
        }
        return 0;
    }
}
