package io.bulkhead.linux;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** Unix sockets that listen (proc(5), /proc/net/unix). */
public final class UnixSockets {

    private static final Path TABLE = Path.of("/proc/net/unix");

    /** __SO_ACCEPTCON in the kernel's net/sock.h. */
    private static final long LISTENING = 0x10000;

    private static final int FLAGS = 3;
    private static final int INODE = 6;
    private static final int NAME = 7;

    private UnixSockets() {}

    /** Inode to name; a name that begins with {@code @} is no file. A name may be relative to whoever made it. */
    public static Map<Long, String> listening() {
        return parse(ControlFile.read(TABLE).orElse(""));
    }

    static Map<Long, String> parse(String text) {
        Map<Long, String> names = new LinkedHashMap<>();
        for (String line : text.split("\n")) {
            String[] columns = line.strip().split(" +", NAME + 1);
            if (columns.length == NAME + 1 && !columns[0].equals("Num")) {
                add(columns, names);
            }
        }
        return names;
    }

    private static void add(String[] columns, Map<Long, String> names) {
        try {
            if ((Long.parseLong(columns[FLAGS], 16) & LISTENING) != 0) {
                byte[] name = columns[NAME].getBytes(StandardCharsets.ISO_8859_1);
                names.put(Long.parseLong(columns[INODE]), new String(name, StandardCharsets.UTF_8));
            }
        } catch (NumberFormatException secondLineOfAName) {
            // The kernel prints names as they are, and anybody may listen on one with a line end in it.
        }
    }
}
