package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What this process is, read from /proc without native code: cheap enough for every command's start. */
public final class Self {

    private Self() {}

    /** Whether the process runs as uid 0. */
    public static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    /** Whether a descriptor is a terminal: where its link leads tells, as ttyname(3) does. */
    public static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }
}
