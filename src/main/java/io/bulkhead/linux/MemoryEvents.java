package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's own word that something happened to a compartment's memory, so that nobody needs to ask: one descriptor for all compartments, readable when
 * one of them has news. {@link #tell} then runs what was asked for. A notice says "look", not "how much": the figures are read from {@link Cgroup#marks} and
 * {@link Cgroup#usage}.
 *
 * <ul>
 *   <li>cgroup v1: eventfds in {@code cgroup.event_control} (cgroup-v1/memory.rst, 9 and 10). The kernel tells just <em>before</em> it kills, so a counter
 *       that has not moved is read again some milliseconds later. A kill because the whole host is short is not told.
 *   <li>cgroup v2: one inotify(7) on {@code memory.events} (cgroup-v2.rst). Told after the counter moved, kills for the host's want among them. There are no
 *       thresholds.
 *   <li>no cgroup: no notices.
 * </ul>
 *
 * <p>Watching may be begun and ended on any thread; {@code tell} and what it runs belong to the loop.
 */
public abstract sealed class MemoryEvents implements AutoCloseable permits EventfdEvents, InotifyEvents {

    /** One thing that is watched. Close it before its compartment is removed; the kernel tells a removal as news too. */
    public final class Watch implements AutoCloseable {
        final Path file;
        final int fd;
        final Runnable news;
        long seen;

        /** @param fd the eventfd or the inotify watch, which names it */
        Watch(Path file, int fd, Runnable news) {
            this.file = file;
            this.fd = fd;
            this.news = news;
        }

        /** After news of usage: the next crossing is told too. What was crossed meanwhile is not: look after it. */
        public void again() {
            synchronized (watches) {
                if (watches.contains(this)) {
                    renew(this);
                }
            }
        }

        /** No more news from it; what is just being told may still arrive. Twice is harmless. */
        @Override
        public void close() {
            forget(this);
        }
    }

    /** Guarded by itself. */
    final List<Watch> watches = new ArrayList<>();

    /** For compartments of this host. With {@link CgroupHost.Kind#NONE} it exists and stays silent. */
    public static MemoryEvents open(CgroupHost host) throws IOException {
        return host.kind() == CgroupHost.Kind.V2 ? new InotifyEvents() : new EventfdEvents();
    }

    /** For {@link Epoll#add}: readable when there is news. */
    public abstract int fd();

    /** Runs {@code news} of each watch that has some, and makes {@link #fd} silent again. Never waits. */
    public abstract void tell() throws IOException;

    /**
     * Runs {@code news} when the kernel kills in {@code group}, at the group's own limit or at one above it. May be asked more than once for a group.
     *
     * @return empty where this kernel has no such notice: then it must be sampled
     */
    public abstract Optional<Watch> onKill(Cgroup group, Runnable news);

    /**
     * Runs {@code news} when all that is charged to {@code group}, page cache too, crosses {@code bytes}, up or down: once, and once more after each
     * {@link Watch#again}, since who sways about it would not let anybody sleep. On v1 this waits for a grace period of the kernel (5 to 19 ms): not on
     * the loop.
     *
     * @param bytes rounded down to a page by the kernel
     * @return empty where this kernel has no such notice (v2 has none): then it must be sampled
     */
    public abstract Optional<Watch> onUsage(Cgroup group, long bytes, Runnable news);

    final void remember(Watch watch) {
        synchronized (watches) {
            watches.add(watch);
        }
    }

    /** Whose descriptor or inotify watch {@code fd} is: two who watch one file share the latter. */
    final List<Watch> find(int fd) {
        List<Watch> found = new ArrayList<>();
        synchronized (watches) {
            for (Watch watch : watches) {
                if (watch.fd == fd) {
                    found.add(watch);
                }
            }
        }
        return found;
    }

    final List<Watch> all() {
        synchronized (watches) {
            return List.copyOf(watches);
        }
    }

    private void forget(Watch watch) {
        boolean known;
        synchronized (watches) {
            known = watches.remove(watch);
        }
        if (known) {
            end(watch);
        }
    }

    abstract void renew(Watch watch);

    abstract void end(Watch watch);

    @Override
    public void close() {
        all().forEach(Watch::close);
    }
}
