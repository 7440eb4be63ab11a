package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A lock on a file that belongs to the open file, not to the process (flock(2)): whoever inherits the descriptor holds it,
 * and it ends when the last copy is closed. Never POSIX record locks, which vanish when any copy is closed.
 */
public final class FileLock implements AutoCloseable {

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call FLOCK = Native.bind("flock", 2);

    private static final int O_RDWR_CREAT_CLOEXEC = 2 | 0x40 | 0x80000;
    private static final int LOCK_EX_NB = 2 | 4;

    private final int fd;

    private FileLock(int fd) {
        this.fd = fd;
    }

    /** Takes the lock; empty when somebody holds it. The file is made (mode 0600) where it is missing. */
    public static Optional<FileLock> tryTake(Path path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int fd = OPEN.call(
                    "open " + path, Native.string(arena, path.toString()).address(), O_RDWR_CREAT_CLOEXEC, 0600);
            if (FLOCK.quiet(fd, LOCK_EX_NB) == 0) {
                return Optional.of(new FileLock(fd));
            }
            int errno = Native.lastErrno();
            Fd.close(fd);
            if (errno == Errno.EAGAIN) {
                return Optional.empty();
            }
            throw new ErrnoException("flock " + path, errno);
        }
    }

    /**
     * The process that took the lock on {@code path}, from /proc/locks. It may have ended since, with the descriptor
     * living on in a child; empty when nobody holds it or it cannot be told (another pid namespace).
     */
    public static OptionalInt takenBy(Path path) throws IOException {
        String inode = ":" + Files.getAttribute(path, "unix:ino") + " ";
        for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
            if (line.contains("FLOCK") && !line.contains("->") && line.contains(inode)) {
                int pid = Integer.parseInt(
                        line.substring(line.indexOf("WRITE") + 5).strip().split(" ")[0]);
                return pid > 0 ? OptionalInt.of(pid) : OptionalInt.empty();
            }
        }
        return OptionalInt.empty();
    }

    /** To hand on to a child; closing this object does not take it from the child. */
    public int fd() {
        return fd;
    }

    /** Closes this process's copy; a child that inherited one still holds the lock. */
    @Override
    public void close() {
        Fd.close(fd);
    }
}
