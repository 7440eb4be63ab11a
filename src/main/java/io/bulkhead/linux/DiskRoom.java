package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/**
 * What a file system has left (statvfs(3)).
 *
 * @param free bytes that a user without privileges may still write
 * @param freeFiles files and folders that may still be made; {@link Long#MAX_VALUE} where the file system has no fixed number of them (btrfs, say)
 * @param readOnly whether it is mounted so
 */
public record DiskRoom(long bytes, long free, long files, long freeFiles, boolean readOnly) {

    private static final Native.Call STATVFS = Native.bind("statvfs", 2);

    /** The structure has 112 bytes in glibc and musl on 64-bit machines; its members are 8 bytes each. */
    private static final int STRUCT_SIZE = 256;

    private static final int F_FRSIZE = 1;
    private static final int F_BLOCKS = 2;
    private static final int F_BAVAIL = 4;
    private static final int F_FILES = 5;
    private static final int F_FAVAIL = 7;
    private static final int F_FLAG = 9;
    private static final int ST_RDONLY = 1;

    /** Of the file system that {@code path} is in. */
    public static DiskRoom of(Path path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment entry = arena.allocate(STRUCT_SIZE, 8);
            STATVFS.call(
                    "statvfs " + path, Native.string(arena, path.toString()).address(), entry.address());
            long block = member(entry, F_FRSIZE);
            long files = member(entry, F_FILES);
            return new DiskRoom(
                    member(entry, F_BLOCKS) * block,
                    member(entry, F_BAVAIL) * block,
                    files,
                    files == 0 ? Long.MAX_VALUE : member(entry, F_FAVAIL),
                    (member(entry, F_FLAG) & ST_RDONLY) != 0);
        }
    }

    private static long member(MemorySegment entry, int index) {
        return entry.get(ValueLayout.JAVA_LONG, index * 8L);
    }
}
