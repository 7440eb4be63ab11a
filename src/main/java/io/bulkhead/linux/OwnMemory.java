package io.bulkhead.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** This process's own memory. */
public final class OwnMemory {

    private static final Native.Call MADVISE = Native.bind("madvise", 3);
    private static final Native.Call MALLOC_TRIM = Native.bind("malloc_trim", 1);
    private static final int MADV_DONTNEED = 4;

    private OwnMemory() {}

    /** Gives back free space of malloc's heap (malloc_trim(3)): a millisecond's work. */
    public static void trim() {
        MALLOC_TRIM.quiet(0);
    }

    /**
     * Gives back what only the start needed: free space of malloc's heap, and the pages of libraries that were read or run once. Such a page
     * is the file's own and comes back at the next touch, from the page cache for as long as the system can spare it there
     * (madvise(2), MADV_DONTNEED on a mapping of a file that nothing was written to).
     */
    public static void giveBack() {
        trim();
        for (Mapping mapping : mappings()) {
            if (mapping.isLibrary() && mapping.anonymousKilobytes == 0) {
                MADVISE.quiet(mapping.start, mapping.end - mapping.start, MADV_DONTNEED);
            }
        }
    }

    /**
     * @param anonymousKilobytes what was written to and is no longer the file's
     */
    record Mapping(long start, long end, String rights, String file, long anonymousKilobytes) {

        boolean isLibrary() {
            return file.contains(".so") && rights.startsWith("r") && rights.charAt(1) == '-' && rights.endsWith("p");
        }
    }

    private static List<Mapping> mappings() {
        try {
            return parse(Files.readAllLines(Path.of("/proc/self/smaps"), StandardCharsets.ISO_8859_1));
        } catch (IOException hidden) {
            return List.of();
        }
    }

    /** Lines of /proc/PID/smaps (proc_pid_smaps(5)): a heading for each mapping, then its figures; without the figure it is left out. */
    static List<Mapping> parse(List<String> lines) {
        List<Mapping> mappings = new ArrayList<>();
        String heading = "";
        for (String line : lines) {
            int dash = line.indexOf('-');
            if (dash > 0 && dash < line.indexOf(' ')) {
                heading = line;
            } else if (line.startsWith("Anonymous:")) {
                String figure = line.substring(10, line.length() - 2).strip();
                mappings.add(mapping(heading, Long.parseLong(figure)));
            }
        }
        return mappings;
    }

    private static Mapping mapping(String heading, long anonymousKilobytes) {
        int dash = heading.indexOf('-');
        int blank = heading.indexOf(' ');
        int slash = heading.indexOf('/');
        return new Mapping(
                Long.parseUnsignedLong(heading.substring(0, dash), 16),
                Long.parseUnsignedLong(heading.substring(dash + 1, blank), 16),
                heading.substring(blank + 1, blank + 5),
                slash < 0 ? "" : heading.substring(slash),
                anonymousKilobytes);
    }
}
