package io.bulkhead.linux;

import java.nio.file.Path;

/** What this machine is, in one line for people. */
public final class HostWords {

    private static final int SECONDS_PER_HOUR = 3600;

    private HostWords() {}

    /** {@code Debian GNU/Linux 12 (bookworm), Linux 6.1.0, x86_64, 2 CPUs, up 10 h, started by systemd}. */
    public static String text() {
        String release = ControlFile.read(Path.of("/etc/os-release"))
                .or(() -> ControlFile.read(Path.of("/usr/lib/os-release")))
                .orElse("");
        String uptime = ControlFile.read(Path.of("/proc/uptime")).orElse("0");
        long hours = (long) Double.parseDouble(uptime.split(" ")[0]) / SECONDS_PER_HOUR;
        int processors = Runtime.getRuntime().availableProcessors();
        return value(release, "PRETTY_NAME=") + ", Linux "
                + ControlFile.read(Path.of("/proc/sys/kernel/osrelease")).orElse("unknown") + ", "
                + System.getProperty("os.arch") + ", " + processors + (processors == 1 ? " CPU" : " CPUs") + ", up "
                + (hours < 72 ? hours + " h" : hours / 24 + " days")
                + Proc.HOST.stat(1).map(init -> ", process 1 is " + init.name()).orElse("");
    }

    private static String value(String text, String key) {
        int at = ("\n" + text).indexOf("\n" + key);
        if (at < 0) {
            return "an unnamed Linux";
        }
        int end = text.indexOf('\n', at);
        return text.substring(at + key.length(), end < 0 ? text.length() : end).replace("\"", "");
    }
}
