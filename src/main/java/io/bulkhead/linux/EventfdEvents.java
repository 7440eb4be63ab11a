package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** cgroup v1: an eventfd for each thing watched, all of them behind one epoll descriptor. */
final class EventfdEvents extends MemoryEvents {

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call EVENTFD = Native.bind("eventfd", 2);
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int O_RDONLY_CLOEXEC = 0x80000;

    private final Epoll epoll;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment count = arena.allocate(8, 8);

    EventfdEvents() throws ErrnoException {
        epoll = new Epoll();
    }

    @Override
    public int fd() {
        return epoll.fd();
    }

    @Override
    public Optional<Watch> onKill(Cgroup group, Runnable news) {
        return register(group, "memory.oom_control", "", Epoll.IN, news);
    }

    @Override
    public Optional<Watch> onUsage(Cgroup group, long bytes, Runnable news) {
        return register(group, "memory.usage_in_bytes", " " + bytes, Epoll.IN | Epoll.ONCE, news);
    }

    private Optional<Watch> register(Cgroup group, String name, String argument, int interest, Runnable news) {
        if (!(group instanceof CgroupV1 v1)) {
            return Optional.empty();
        }
        Path file = v1.memory().resolve(name);
        int event = -1;
        try (Arena path = Arena.ofConfined()) {
            event = EVENTFD.call("eventfd", 0, NONBLOCK_CLOEXEC);
            int watched = OPEN.call(
                    "open " + file, Native.string(path, file.toString()).address(), O_RDONLY_CLOEXEC, 0);
            try {
                ControlFile.write(v1.memory().resolve("cgroup.event_control"), event + " " + watched + argument);
            } finally {
                Fd.close(watched);
            }
            Watch watch = new Watch(file, event, news);
            remember(watch);
            synchronized (epoll) {
                epoll.add(event, interest);
            }
            return Optional.of(watch);
        } catch (ErrnoException notHere) {
            // Kernels without CONFIG_MEMCG_V1 events, or a group that has gone: nobody is told, so it is sampled.
            if (event >= 0) {
                Fd.close(event);
            }
            return Optional.empty();
        }
    }

    @Override
    public void tell() throws IOException {
        List<Watch> moved = new ArrayList<>();
        synchronized (epoll) {
            epoll.await(0, (fd, events) -> {
                Fd.READ.quiet(fd, count.address(), 8);
                moved.addAll(find(fd));
            });
        }
        moved.forEach(watch -> watch.news.run());
    }

    @Override
    void renew(Watch watch) {
        synchronized (epoll) {
            Fd.READ.quiet(watch.fd, count.address(), 8);
            try {
                epoll.again(watch.fd, Epoll.IN);
            } catch (ErrnoException notWatchedYet) {
                // It is about to be, by whoever made it.
            }
        }
    }

    /** The kernel unregisters an eventfd when its last descriptor is closed. */
    @Override
    void end(Watch watch) {
        synchronized (epoll) {
            try {
                epoll.remove(watch.fd);
            } catch (ErrnoException notWatchedYet) {
                // Closing it takes it out of every epoll.
            }
            Fd.close(watch.fd);
        }
    }

    @Override
    public void close() {
        super.close();
        epoll.close();
        arena.close();
    }
}
