package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Where the descriptors of processes lead (proc(5), /proc/PID/fd): three calls of the C library for each, and no object. For one thread. */
final class DescriptorLinks implements AutoCloseable {

    /** One descriptor that is a socket. */
    interface Socket {
        void found(int number, long inode);
    }

    private static final Native.Call OPENDIR = Native.bind("opendir", 1);
    private static final Native.Call READDIR = Native.bind("readdir", 1);
    private static final Native.Call CLOSEDIR = Native.bind("closedir", 1);
    private static final Native.Call DIRFD = Native.bind("dirfd", 1);
    private static final Native.Call READLINKAT = Native.bind("readlinkat", 4);

    /** struct dirent on the 64-bit Linux ABIs: inode, offset, length, type, name. */
    private static final int NAME = 19;

    private static final MemorySegment MEMORY = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
    private static final byte[] SOCKET = "socket:[".getBytes(StandardCharsets.US_ASCII);
    private static final int ROOM = 64;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment path = arena.allocate(ROOM);
    private final MemorySegment link = arena.allocate(ROOM);

    /**
     * Tells of each socket that {@code pid} has open.
     *
     * @return false where we may not look: it is another user's
     */
    boolean sockets(int pid, Socket each) {
        path.setString(0, "/proc/" + pid + "/fd");
        long folder = OPENDIR.raw(path.address());
        if (folder == 0) {
            return Native.lastErrno() != Errno.EACCES;
        }
        try {
            int fd = DIRFD.quiet(folder);
            for (long entry = READDIR.raw(folder); entry != 0; entry = READDIR.raw(folder)) {
                int number = number(entry + NAME);
                long inode = number < 0 ? 0 : socket(fd, entry + NAME);
                if (inode != 0) {
                    each.found(number, inode);
                }
            }
            return true;
        } finally {
            CLOSEDIR.quiet(folder);
        }
    }

    /** Inode of the socket that descriptor {@code number} of {@code pid} is; 0 where it is none, any more. */
    long socket(int pid, int number) {
        path.setString(0, "/proc/" + pid + "/fd/" + number);
        return socket(-1, path.address()); // a path from the root: no folder is needed
    }

    /** The number that stands at {@code address}; -1 for {@code .} and {@code ..}. */
    private static int number(long address) {
        int number = 0;
        for (long at = address; ; at++) {
            byte digit = MEMORY.get(ValueLayout.JAVA_BYTE, at);
            if (digit == 0) {
                return number;
            }
            if (digit < '0' || digit > '9') {
                return -1;
            }
            number = number * 10 + digit - '0';
        }
    }

    private long socket(int folder, long name) {
        long length = READLINKAT.raw(folder, name, link.address(), ROOM);
        if (length <= SOCKET.length || length >= ROOM) {
            return 0;
        }
        for (int i = 0; i < SOCKET.length; i++) {
            if (link.get(ValueLayout.JAVA_BYTE, i) != SOCKET[i]) {
                return 0;
            }
        }
        long inode = 0;
        for (long at = SOCKET.length; at < length - 1; at++) {
            inode = inode * 10 + link.get(ValueLayout.JAVA_BYTE, at) - '0';
        }
        return inode;
    }

    @Override
    public void close() {
        arena.close();
    }
}
