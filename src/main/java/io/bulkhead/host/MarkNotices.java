package io.bulkhead.host;

import io.bulkhead.linux.MemoryEvents;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;

/**
 * Has the kernel tell when a compartment crosses its drain mark, where it can (cgroup v1): a leak of hundreds of MiB a second is over between two
 * looks, and who is far from the mark need not be looked at every second for that. Asking takes a grace period of the kernel (5 to 19
 * ms) on the worker, so it is done one compartment after another, while nothing is being started.
 */
final class MarkNotices {

    private static final long QUIET_MILLIS = 300;

    /** Who sways about its mark is told of no more often. */
    private static final long AGAIN_MILLIS = 1_000;

    /** What is asked for, and in force, for one compartment. On the loop, but for what is said to be the worker's. */
    static final class Notice {
        private long wanted = Long.MAX_VALUE;
        private long inForce = Long.MAX_VALUE;
        private boolean told;
        private long toldAt;
        /** Written on the worker alone. */
        private volatile Optional<MemoryEvents.Watch> watch = Optional.empty();

        private volatile boolean closed;

        /** The compartment is dissolved. On the worker. */
        void close() {
            closed = true;
            watch.ifPresent(MemoryEvents.Watch::close);
        }
    }

    private record Order(Compartment compartment, Runnable news) {}

    private final Loop loop;
    private final Worker worker;
    private final MemoryNotices notices;
    private final Queue<Order> orders = new ArrayDeque<>();
    private Loop.Timer next;
    private boolean busy;

    MarkNotices(Loop loop, Worker worker, MemoryNotices notices) {
        this.loop = loop;
        this.worker = worker;
        this.notices = notices;
        this.next = loop.after(0, () -> {});
    }

    /** A run begins: others may follow at once, and they come first. */
    void begun() {
        if (!orders.isEmpty()) {
            later();
        }
    }

    /**
     * Must be called before what is charged is read, so that no crossing falls between.
     *
     * @param mark bytes; {@code Long.MAX_VALUE}: none
     * @param news run each time that it is crossed, at most once a second
     * @return whether the kernel will tell when {@code mark} is crossed from now on
     */
    boolean expect(Compartment compartment, long mark, Runnable news) {
        Notice notice = compartment.markNotice;
        if (!notices.tellUsage()) {
            return false;
        }
        if (notice.wanted != mark) {
            notice.wanted = mark;
            orders.add(new Order(compartment, news));
            if (!busy) {
                later();
            }
        }
        if (notice.inForce != mark || mark == Long.MAX_VALUE) {
            return false;
        }
        if (notice.told && Loop.now() - notice.toldAt >= AGAIN_MILLIS) {
            notice.told = false;
            notice.watch.ifPresent(MemoryEvents.Watch::again);
        }
        return !notice.told;
    }

    private void later() {
        loop.cancel(next);
        next = loop.after(QUIET_MILLIS, this::ask);
    }

    private void ask() {
        Order order = orders.poll();
        busy = order != null;
        if (order != null) {
            long mark = order.compartment.markNotice.wanted;
            worker.execute(() -> {
                boolean inForce = ask(order, mark);
                loop.post(() -> {
                    order.compartment.markNotice.inForce = inForce ? mark : Long.MAX_VALUE;
                    order.compartment.markNotice.told = false;
                    // It may have been crossed on the way.
                    order.news.run();
                    ask();
                });
            });
        }
    }

    private boolean ask(Order order, long mark) {
        Notice notice = order.compartment.markNotice;
        notice.watch.ifPresent(MemoryEvents.Watch::close);
        notice.watch = Optional.empty();
        if (!notice.closed && mark < Long.MAX_VALUE) {
            notice.watch = notices.onUsage(order.compartment.cgroup, mark, () -> {
                notice.told = true;
                notice.toldAt = Loop.now();
                order.news.run();
            });
        }
        return notice.watch.isPresent();
    }
}
