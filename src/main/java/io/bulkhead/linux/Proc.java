package io.bulkhead.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads processes from /proc (proc(5)). A process that has gone is an empty answer, not an error. */
public final class Proc {

    /** This host's. */
    public static final Proc HOST = new Proc(Path.of("/proc"));

    private final Path root;

    /** @param root {@code /proc}, or a tree that looks like it */
    public Proc(Path root) {
        this.root = root;
    }

    /** The line of /proc/PID/stat. */
    public Optional<ProcessStat> stat(int pid) {
        return read(pid, "stat").flatMap(ProcessStat::parse);
    }

    private Optional<String> read(int pid, String file) {
        try {
            byte[] bytes =
                    Files.readAllBytes(root.resolve(Integer.toString(pid)).resolve(file));
            return Optional.of(new String(bytes, StandardCharsets.ISO_8859_1));
        } catch (IOException goneOrHidden) {
            return Optional.empty();
        }
    }
}
