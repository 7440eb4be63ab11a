package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/** An open log file, and whether it is still the one under its name. Owned by one thread. */
public final class LogFd implements AutoCloseable {

    /** Nothing under the name, or another file than the open one. */
    public static final long GONE = -1;

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call STATX = Native.bind("statx", 5);
    private static final Native.Call PREAD = Native.bind("pread", 4);
    private static final Native.Call FTRUNCATE = Native.bind("ftruncate", 2);
    private static final Native.Call SETPRIORITY = Native.bind("setpriority", 3);

    /** The one flag here that differs between x86-64 and the generic ABI (fcntl.h). */
    private static final int O_NOFOLLOW = "amd64".equals(System.getProperty("os.arch")) ? 0x20000 : 0x8000;

    private static final int O_RDWR = 2;
    private static final int O_CREAT = 0x40;
    private static final int O_NONBLOCK = 0x800;
    private static final int O_CLOEXEC = 0x80000;

    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int AT_EMPTY_PATH = 0x1000;
    private static final int WANTED = 0x1 | 0x100 | 0x200; // STATX_TYPE | STATX_INO | STATX_SIZE

    /** struct statx (linux/stat.h) is the same on every architecture, unlike struct stat. */
    private static final int MODE = 28;

    private static final int INODE = 32;
    private static final int SIZE = 40;
    private static final int DEVICE = 136;
    private static final int STATX_SIZE = 256;

    private final Path path;
    private final MemorySegment name;
    private final MemorySegment status;
    private int fd = -1;
    private long inode;
    private long device;

    public LogFd(Path path) {
        this.path = path;
        Arena arena = Arena.ofAuto();
        name = Native.string(arena, path.toString());
        status = arena.allocate(STATX_SIZE + 1, 8); // the last byte stays 0: the empty path of AT_EMPTY_PATH
    }

    /**
     * Opens the file, making it with mode 0640 where it is missing. A symbolic link is refused (ELOOP): in a folder that
     * belongs to an app's user it could point root's pen anywhere. So is what is not a regular file.
     *
     * @return its size in bytes
     */
    public long open() throws ErrnoException {
        close();
        int opened =
                OPEN.call("open " + path, name.address(), O_RDWR | O_CREAT | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW, 0640);
        int failed = STATX.quiet(opened, status.address() + STATX_SIZE, AT_EMPTY_PATH, WANTED, status.address());
        int errno = failed < 0 ? Native.lastErrno() : Errno.EINVAL;
        if (failed < 0 || (status.get(ValueLayout.JAVA_SHORT, MODE) & 0170000) != 0100000) {
            Fd.close(opened);
            throw new ErrnoException("open " + path + " (not a regular file)", errno);
        }
        fd = opened;
        inode = status.get(ValueLayout.JAVA_LONG, INODE);
        device = status.get(ValueLayout.JAVA_LONG, DEVICE);
        return status.get(ValueLayout.JAVA_LONG, SIZE);
    }

    public boolean isOpen() {
        return fd >= 0;
    }

    /** The descriptor, -1 when closed. */
    public int number() {
        return fd;
    }

    /** Inode of the open file, or of the one that was open last; 0 before the first. */
    public long inode() {
        return inode;
    }

    /** Size in bytes of the file under the name, or {@link #GONE} when that is not the open one: someone moved or removed it. */
    public long sizeInPlace() {
        int failed = STATX.quiet(AT_FDCWD, name.address(), AT_SYMLINK_NOFOLLOW, WANTED, status.address());
        boolean same = failed >= 0
                && status.get(ValueLayout.JAVA_LONG, INODE) == inode
                && status.get(ValueLayout.JAVA_LONG, DEVICE) == device;
        return same ? status.get(ValueLayout.JAVA_LONG, SIZE) : GONE;
    }

    /** Whether the last byte is {@code wanted}, in a file of {@code size} bytes. */
    public boolean endsWith(char wanted, long size) {
        return size > 0
                && PREAD.raw(fd, status.address(), 1, size - 1) == 1
                && status.get(ValueLayout.JAVA_BYTE, 0) == wanted;
    }

    /** Empties the file. */
    public void truncate() throws ErrnoException {
        FTRUNCATE.call("truncate " + path, fd, 0);
    }

    @Override
    public void close() {
        if (fd >= 0) {
            Fd.close(fd);
            fd = -1;
        }
    }

    /** Lets the calling thread run only when nothing else wants the processor: Linux keeps a nice value per thread. */
    public static void yieldProcessor() {
        SETPRIORITY.quiet(0, 0, 19);
    }
}
