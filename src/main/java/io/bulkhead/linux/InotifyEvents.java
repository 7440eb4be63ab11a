package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * cgroup v2: one inotify instance for all. The kernel tells of every counter in {@code memory.events}, up to a hundred times a
 * second while a group drops page cache at its limit; only a moved {@code oom_kill} is passed on.
 */
final class InotifyEvents extends MemoryEvents {

    private final Inotify inotify = new Inotify();

    InotifyEvents() throws ErrnoException {}

    @Override
    public int fd() {
        return inotify.fd();
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
            OptionalInt watch = inotify.add(file, Inotify.IN_MODIFY);
            if (watch.isEmpty()) {
                return Optional.empty();
            }
            Watch made = new Watch(file, watch.getAsInt(), news);
            made.seen = kills;
            remember(made);
            return Optional.of(made);
        }
    }

    @Override
    public Optional<Watch> onUsage(Cgroup group, long bytes, Runnable news) {
        return Optional.empty();
    }

    @Override
    public void tell() throws IOException {
        List<Watch> moved = new ArrayList<>();
        inotify.read((number, mask, name) -> {
            if ((mask & Inotify.IN_Q_OVERFLOW) != 0) {
                all().forEach(watch -> add(watch, moved));
            } else if ((mask & Inotify.IN_MODIFY) != 0) {
                find(number).forEach(watch -> add(watch, moved));
            }
        });
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
            inotify.remove(watch.fd);
        }
    }

    @Override
    public void close() {
        super.close();
        inotify.close();
    }
}
