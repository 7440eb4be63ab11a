package io.bulkhead.host;

import java.io.IOException;
import java.nio.channels.Channel;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A limit on the time that may be spent with a channel whose other end nobody can trust: closing it is what ends a read that waits. */
final class Patience implements AutoCloseable {

    private final Thread clock;
    private volatile boolean over;

    /** Closes {@code channel} in {@code millis}, unless this is closed before. */
    Patience(long millis, Channel channel) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        clock = Thread.ofVirtual().name("patience").start(() -> {
            for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
                LockSupport.parkNanos(left);
                if (Thread.interrupted()) {
                    return;
                }
            }
            over = true;
            close(channel);
        });
    }

    /** Whether it has ended: what failed since failed for that reason. */
    boolean over() {
        return over;
    }

    @Override
    public void close() {
        clock.interrupt();
    }

    private static void close(Channel channel) {
        try {
            channel.close();
        } catch (IOException closedAnyway) {
            return;
        }
    }
}
