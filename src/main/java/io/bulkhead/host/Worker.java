package io.bulkhead.host;

import java.util.concurrent.LinkedBlockingQueue;

/** A thread for what may wait on a disk or on the kernel, so that the loop never does. Tasks run in the order they came. */
final class Worker implements AutoCloseable {

    private final LinkedBlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final DaemonLog log;
    private final Thread thread;
    private volatile boolean ended;

    Worker(String name, DaemonLog log) {
        this.log = log;
        this.thread = Thread.ofPlatform().name(name).daemon(true).start(this::work);
    }

    void execute(Runnable task) {
        tasks.add(task);
    }

    private void work() {
        while (!ended || !tasks.isEmpty()) {
            try {
                tasks.take().run();
            } catch (InterruptedException stop) {
                return;
            } catch (RuntimeException | AssertionError bug) {
                log.bug(bug);
            }
        }
    }

    /** Finishes what was asked for, waiting at most five seconds for it. */
    @Override
    public void close() {
        tasks.add(() -> ended = true);
        try {
            thread.join(5_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
