package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * cgroup v2: one inotify instance for all (a user has 128 of them in all). The kernel tells of every counter in {@code memory.events}, up to a hundred times a
 * second while a group drops page cache at its limit; only a moved {@code oom_kill} is passed on.
 */
final class InotifyEvents extends MemoryEvents {

    private static final Native.Call INOTIFY_INIT1 = Native.bind("inotify_init1", 1);
    private static final Native.Call INOTIFY_ADD_WATCH = Native.bind("inotify_add_watch", 3);
    private static final Native.Call INOTIFY_RM_WATCH = Native.bind("inotify_rm_watch", 2);
    private static final int NONBLOCK_CLOEXEC = 0x800 | 0x80000;
    private static final int IN_MODIFY = 2;
    private static final int IN_Q_OVERFLOW = 0x4000;

    /** struct inotify_event: wd, mask, cookie, len, then a name of len bytes. */
    private static final int HEADER = 16;

    private static final int BUFFER = 4096;

    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(BUFFER, 8);

    InotifyEvents() throws ErrnoException {
        fd = INOTIFY_INIT1.call("inotify_init1", NONBLOCK_CLOEXEC);
    }

    @Override
    public int fd() {
        return fd;
    }

    @Override
    public Optional<Watch> onKill(Cgroup group, Runnable news) {
        if (!(group instanceof CgroupV2 v2)) {
            return Optional.empty();
        }
        Path file = v2.group().resolve("memory.events");
        // Together, since news of a watch that nobody remembers is lost.
        synchronized (watches) {
            long kills = kills(file);
            OptionalInt watch = watch(file);
            if (watch.isEmpty()) {
                return Optional.empty();
            }
            Watch made = new Watch(file, watch.getAsInt(), news);
            made.seen = kills;
            remember(made);
            return Optional.of(made);
        }
    }

    private OptionalInt watch(Path file) {
        try (Arena path = Arena.ofConfined()) {
            int watch = INOTIFY_ADD_WATCH.quiet(
                    fd, Native.string(path, file.toString()).address(), IN_MODIFY);
            return watch < 0 ? OptionalInt.empty() : OptionalInt.of(watch);
        }
    }

    @Override
    public Optional<Watch> onUsage(Cgroup group, long bytes, Runnable news) {
        return Optional.empty();
    }

    @Override
    public void tell() throws IOException {
        List<Watch> moved = new ArrayList<>();
        for (long read = read(); read > 0; read = read()) {
            for (long at = 0; at + HEADER <= read; at += HEADER + buffer.get(ValueLayout.JAVA_INT, at + 12)) {
                int mask = buffer.get(ValueLayout.JAVA_INT, at + 4);
                if ((mask & IN_Q_OVERFLOW) != 0) {
                    all().forEach(watch -> add(watch, moved));
                } else if ((mask & IN_MODIFY) != 0) {
                    find(buffer.get(ValueLayout.JAVA_INT, at)).forEach(watch -> add(watch, moved));
                }
            }
        }
        for (Watch watch : moved) {
            long kills = kills(watch.file);
            if (kills > watch.seen) {
                watch.seen = kills;
                watch.news.run();
            }
        }
    }

    private static void add(Watch watch, List<Watch> moved) {
        if (!moved.contains(watch)) {
            moved.add(watch);
        }
    }

    private long read() throws ErrnoException {
        long read = Fd.READ.raw(fd, buffer.address(), BUFFER);
        if (read < 0 && Native.lastErrno() != Errno.EAGAIN && Native.lastErrno() != Errno.EINTR) {
            throw new ErrnoException("read inotify", Native.lastErrno());
        }
        return read;
    }

    private static long kills(Path events) {
        return ControlFile.keyed(ControlFile.read(events).orElse(""), "oom_kill");
    }

    @Override
    void renew(Watch watch) {
        // Nothing here is told only once.
    }

    @Override
    void end(Watch watch) {
        if (find(watch.fd).isEmpty()) {
            // Already gone with its group: EINVAL.
            INOTIFY_RM_WATCH.quiet(fd, watch.fd);
        }
    }

    @Override
    public void close() {
        super.close();
        Fd.close(fd);
        arena.close();
    }
}
