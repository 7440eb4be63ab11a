package io.bulkhead;

import io.bulkhead.cli.Caller;
import io.bulkhead.cli.Cli;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The program people type: every command but the ones that are the daemon. */
public final class Bulkhead {

    private Bulkhead() {}

    /** Ends the process with the exit code of the command. */
    public static void main(String[] args) {
        System.exit(Cli.run(args, caller()));
    }

    private static Caller caller() {
        boolean terminal = isTerminal(1);
        return new Caller(
                System.getenv(),
                isRoot(),
                Path.of("").toAbsolutePath(),
                Path.of("/"),
                new FileOutputStream(FileDescriptor.out),
                new FileOutputStream(FileDescriptor.err),
                terminal,
                isTerminal(2),
                terminal ? columns() : 0);
    }

    /** The owner of our own entry in /proc is who we are; no name service is asked, no native code called. */
    private static boolean isRoot() {
        try {
            return Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    private static boolean isTerminal(int descriptor) {
        try {
            String file = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return file.startsWith("/dev/pts/") || file.startsWith("/dev/tty") || file.equals("/dev/console");
        } catch (IOException e) {
            return false;
        }
    }

    /** COLUMNS is set by the launcher from stty(1), which is cheaper there than here. */
    private static int columns() {
        String columns = System.getenv("COLUMNS");
        try {
            return columns == null ? 0 : Integer.parseInt(columns);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
