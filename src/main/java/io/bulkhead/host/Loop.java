package io.bulkhead.host;

import io.bulkhead.linux.Epoll;
import io.bulkhead.linux.ErrnoException;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * The one thread that owns all state. Descriptors that become ready, timers and tasks posted by other threads run here, one
 * after another, so nothing that runs here may wait for anything.
 */
final class Loop implements AutoCloseable {

    /** What to do when a watched descriptor is ready. */
    interface Ready {
        void ready();
    }

    /** A pending call. */
    static final class Timer implements Comparable<Timer> {
        private final long atMillis;
        private final long order;
        private final Runnable task;

        private Timer(long atMillis, long order, Runnable task) {
            this.atMillis = atMillis;
            this.order = order;
            this.task = task;
        }

        @Override
        public int compareTo(Timer other) {
            int byTime = Long.compare(atMillis, other.atMillis);
            return byTime != 0 ? byTime : Long.compare(order, other.order);
        }
    }

    private final Epoll epoll;
    private final Map<Integer, Ready> watched = new HashMap<>();
    private final PriorityQueue<Timer> timers = new PriorityQueue<>();
    private final ConcurrentLinkedQueue<Runnable> inbox = new ConcurrentLinkedQueue<>();
    private final DaemonLog log;
    private long timersMade;
    private volatile boolean ended;

    Loop(DaemonLog log) throws ErrnoException {
        this.epoll = new Epoll();
        this.log = log;
    }

    /** Milliseconds that only grow, whatever happens to the wall clock. */
    static long now() {
        return System.nanoTime() / 1_000_000;
    }

    /** Runs {@code task} on the loop's thread. May be called from any thread. */
    void post(Runnable task) {
        inbox.add(task);
        epoll.wake();
    }

    /** Calls {@code ready} whenever {@code fd} can be read, until {@link #unwatch}. */
    void watch(int fd, Ready ready) throws ErrnoException {
        watch(fd, Epoll.IN, ready);
    }

    /** @param interest such as {@link Epoll#IN} */
    void watch(int fd, int interest, Ready ready) throws ErrnoException {
        watched.put(fd, ready);
        epoll.add(fd, interest);
    }

    /** Calls {@code ready} for a watched descriptor from now on. */
    void watchAnew(int fd, Ready ready) {
        watched.put(fd, ready);
    }

    void unwatch(int fd) {
        if (watched.remove(fd) != null) {
            try {
                epoll.remove(fd);
            } catch (ErrnoException gone) {
                log.warn("descriptor " + fd + " was closed before it was unwatched: " + gone.getMessage());
            }
        }
    }

    Timer after(long millis, Runnable task) {
        Timer timer = new Timer(now() + Math.max(0, millis), timersMade++, task);
        timers.add(timer);
        return timer;
    }

    /** Takes a timer back; one that has run already is left alone. */
    void cancel(Timer timer) {
        timers.remove(timer);
    }

    /** Lets {@link #run} return after the task in hand. */
    void end() {
        ended = true;
        epoll.wake();
    }

    /** Serves until {@link #end}. A bug in one task is logged and the next one runs: one app's trouble is not all apps'. */
    void run() throws ErrnoException {
        while (!ended) {
            epoll.await(timeoutMillis(), (fd, events) -> {
                Ready ready = watched.get(fd);
                if (ready != null) {
                    guarded(ready::ready);
                }
            });
            for (Runnable task = inbox.poll(); task != null; task = inbox.poll()) {
                guarded(task);
            }
            while (!timers.isEmpty() && timers.peek().atMillis <= now()) {
                guarded(timers.remove().task);
            }
        }
    }

    private int timeoutMillis() {
        if (!inbox.isEmpty()) {
            return 0;
        }
        Timer next = timers.peek();
        return next == null ? -1 : (int) Math.clamp(next.atMillis - now(), 0, Integer.MAX_VALUE);
    }

    private void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError bug) {
            log.bug(bug);
        }
    }

    @Override
    public void close() {
        epoll.close();
    }
}
