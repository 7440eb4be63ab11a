package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Where the descriptors of processes lead (proc(5), /proc/PID/fd). One call of the C library for each and one for hundreds of names, and no object: with
 * java.nio a program of 2500 sockets costs a tenth of a second of a daemon that is mostly interpreted. For one thread.
 */
final class DescriptorLinks implements AutoCloseable {

    /** One descriptor that is a socket. */
    interface Socket {
        void found(int number, long inode);
    }

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call SYSCALL = Native.bind("syscall", 4);
    private static final Native.Call READLINKAT = Native.bind("readlinkat", 4);

    /** getdents64(2): asm/unistd_64.h, and asm-generic/unistd.h for every newer architecture. */
    private static final int GETDENTS64 = "amd64".equals(System.getProperty("os.arch")) ? 217 : 61;

    private static final int O_RDONLY_DIRECTORY_CLOEXEC = 0x10000 | 0x80000;

    /** struct linux_dirent64: the record's length, and its name. */
    private static final int LENGTH = 16;

    private static final int NAME = 19;

    private static final byte[] SOCKET = "socket:[".getBytes(StandardCharsets.US_ASCII);

    /** Of one link: a longer one is no socket. */
    private static final int SLOT = 32;

    /** A record is 24 bytes at the least. */
    private static final int NAMES = 8192;

    private static final int MOST = NAMES / 24 + 1;

    private final Arena arena = Arena.ofConfined();
    private final MemorySegment path = arena.allocate(64);
    private final MemorySegment names = arena.allocate(NAMES, 8);
    private final MemorySegment links = arena.allocate((long) MOST * SLOT);
    private final byte[] name = new byte[NAMES];
    private final byte[] link = new byte[MOST * SLOT];
    private final int[] numbers = new int[MOST];
    private final int[] lengths = new int[MOST];

    /**
     * Tells of each socket that {@code pid} has open.
     *
     * @return false where we may not look: it is another user's
     */
    boolean sockets(int pid, Socket each) {
        path.setString(0, "/proc/" + pid + "/fd");
        int folder = OPEN.quiet(path.address(), O_RDONLY_DIRECTORY_CLOEXEC, 0);
        if (folder < 0) {
            return Native.lastErrno() != Errno.EACCES;
        }
        try {
            while (true) {
                int length = (int) SYSCALL.raw(GETDENTS64, folder, names.address(), NAMES);
                if (length <= 0) {
                    return true;
                }
                int found = read(folder, length);
                MemorySegment.copy(links, ValueLayout.JAVA_BYTE, 0, link, 0, found * SLOT);
                for (int i = 0; i < found; i++) {
                    long inode = inode(i * SLOT, lengths[i]);
                    if (inode != 0) {
                        each.found(numbers[i], inode);
                    }
                }
            }
        } finally {
            Fd.close(folder);
        }
    }

    /** Inode of the socket that descriptor {@code number} of {@code pid} is; 0 where it is none, or not any more. */
    long socket(int pid, int number) {
        path.setString(0, "/proc/" + pid + "/fd/" + number);
        int length = READLINKAT.quiet(-1, path.address(), links.address(), SLOT);
        MemorySegment.copy(links, ValueLayout.JAVA_BYTE, 0, link, 0, SLOT);
        return inode(0, length);
    }

    /** Reads the links of all names that were read, and returns how many these are. */
    private int read(int folder, int length) {
        MemorySegment.copy(names, ValueLayout.JAVA_BYTE, 0, name, 0, length);
        ByteBuffer records = ByteBuffer.wrap(name).order(ByteOrder.nativeOrder());
        long address = names.address();
        int found = 0;
        for (int at = 0; at + NAME < length; at += records.getShort(at + LENGTH)) {
            int number = number(at + NAME);
            if (number >= 0) {
                numbers[found] = number;
                lengths[found] =
                        READLINKAT.quiet(folder, address + at + NAME, links.address() + (long) found * SLOT, SLOT);
                found++;
            }
        }
        return found;
    }

    /** -1 for {@code .} and {@code ..}. */
    private int number(int from) {
        int number = 0;
        for (int at = from; name[at] != 0; at++) {
            if (name[at] < '0' || name[at] > '9') {
                return -1;
            }
            number = number * 10 + name[at] - '0';
        }
        return number;
    }

    private long inode(int from, int length) {
        if (length <= SOCKET.length || length >= SLOT) {
            return 0;
        }
        for (int i = 0; i < SOCKET.length; i++) {
            if (link[from + i] != SOCKET[i]) {
                return 0;
            }
        }
        long inode = 0;
        for (int at = from + SOCKET.length; at < from + length - 1; at++) {
            inode = inode * 10 + link[at] - '0';
        }
        return inode;
    }

    @Override
    public void close() {
        arena.close();
    }
}
