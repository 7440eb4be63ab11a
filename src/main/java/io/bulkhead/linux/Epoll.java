package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Waits for many descriptors at once (epoll(7)), and for {@link #wake} from other threads (eventfd(2)). Owned by one thread;
 * only {@code wake} may be called by others.
 */
public final class Epoll implements AutoCloseable {

    public static final int IN = 1;
    public static final int PRI = 2;
    public static final int OUT = 4;
    public static final int ERR = 8;
    public static final int HUP = 16;

    /** Beside an interest: told once, then not again before {@link #again}. */
    static final int ONCE = 1 << 30;

    /** One ready descriptor after another; called on the owning thread. */
    public interface Ready {
        void ready(int fd, int events);
    }

    private static final Native.Call EPOLL_CREATE1 = Native.bind("epoll_create1", 1);
    private static final Native.Call EPOLL_CTL = Native.bind("epoll_ctl", 4);
    private static final Native.Call EPOLL_WAIT = Native.bind("epoll_wait", 4);
    private static final Native.Call EVENTFD = Native.bind("eventfd", 2);

    private static final int EPOLL_CLOEXEC = 0x80000;
    private static final int EFD_CLOEXEC_NONBLOCK = 0x80000 | 0x800;
    private static final int CTL_ADD = 1;
    private static final int CTL_DEL = 2;
    private static final int CTL_MOD = 3;
    private static final int BATCH = 64;

    /** struct epoll_event is packed on x86-64 and naturally aligned elsewhere (eventpoll.h). */
    private static final boolean PACKED = "amd64".equals(System.getProperty("os.arch"));

    private static final int EVENT_SIZE = PACKED ? 12 : 16;
    private static final int DATA_OFFSET = PACKED ? 4 : 8;

    private final Arena arena = Arena.ofShared();
    private final MemorySegment events = arena.allocate((long) EVENT_SIZE * BATCH, 8);
    private final MemorySegment scratch = arena.allocate(16, 8);
    private final MemorySegment one = arena.allocate(8, 8);
    private final int epoll;
    private final int wakeUp;

    public Epoll() throws ErrnoException {
        epoll = EPOLL_CREATE1.call("epoll_create1", EPOLL_CLOEXEC);
        wakeUp = EVENTFD.call("eventfd", 0, EFD_CLOEXEC_NONBLOCK);
        one.set(ValueLayout.JAVA_LONG, 0, 1L);
        add(wakeUp, IN);
    }

    /** Of the epoll itself: another epoll may watch it. */
    int fd() {
        return epoll;
    }

    /** Watches {@code fd}, level-triggered, for {@link #IN}, {@link #PRI} or {@link #OUT}; errors and hang-ups are always told. */
    public void add(int fd, int interest) throws ErrnoException {
        scratch.set(ValueLayout.JAVA_INT_UNALIGNED, 0, interest);
        scratch.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, fd);
        EPOLL_CTL.call("epoll_ctl add " + fd, epoll, CTL_ADD, fd, scratch.address());
    }

    /** What was added with {@link #ONCE} is told once more. */
    void again(int fd, int interest) throws ErrnoException {
        scratch.set(ValueLayout.JAVA_INT_UNALIGNED, 0, interest | ONCE);
        scratch.set(ValueLayout.JAVA_LONG_UNALIGNED, DATA_OFFSET, fd);
        EPOLL_CTL.call("epoll_ctl mod " + fd, epoll, CTL_MOD, fd, scratch.address());
    }

    /** Watches {@code fd} no more. Must come before the descriptor is closed. */
    public void remove(int fd) throws ErrnoException {
        EPOLL_CTL.call("epoll_ctl del " + fd, epoll, CTL_DEL, fd, scratch.address());
    }

    /** Waits at most {@code timeoutMillis} (-1: for ever) and hands every ready descriptor to {@code ready}. */
    public void await(int timeoutMillis, Ready ready) throws ErrnoException {
        int count = EPOLL_WAIT.quiet(epoll, events.address(), BATCH, timeoutMillis);
        if (count < 0) {
            if (Native.lastErrno() == Errno.EINTR) {
                return;
            }
            throw new ErrnoException("epoll_wait", Native.lastErrno());
        }
        for (int i = 0; i < count; i++) {
            long at = (long) i * EVENT_SIZE;
            int fd = (int) events.get(ValueLayout.JAVA_LONG_UNALIGNED, at + DATA_OFFSET);
            if (fd == wakeUp) {
                Fd.READ.quiet(wakeUp, scratch.address(), 8);
            } else {
                ready.ready(fd, events.get(ValueLayout.JAVA_INT_UNALIGNED, at));
            }
        }
    }

    /** Makes {@link #await} return soon. May be called from any thread. */
    public void wake() {
        Fd.WRITE.quiet(wakeUp, one.address(), 8);
    }

    @Override
    public void close() {
        Fd.close(epoll);
        Fd.close(wakeUp);
        arena.close();
    }
}
