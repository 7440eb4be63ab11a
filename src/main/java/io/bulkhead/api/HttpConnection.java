package io.bulkhead.api;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/** One client: reads its requests one after the other, and hands each to the handler. Runs on a thread of its own. */
final class HttpConnection implements Runnable {

    /** Writes go in pieces of this size, so that the JDK's copy of a buffer outside the heap stays small. */
    private static final int PIECE = 8 << 10;

    private static final long NEVER = Long.MAX_VALUE;

    private final SocketChannel channel;
    private final HttpServer.Handler handler;
    private final HttpLimits limits;
    private final Control.Peer peer;
    private final Semaphore bodyBudget;
    private final Runnable whenDone;
    private volatile long deadline = NEVER;
    private @Nullable Thread watched;

    HttpConnection(
            SocketChannel channel,
            HttpServer.Handler handler,
            HttpLimits limits,
            Control.Peer peer,
            Semaphore bodyBudget,
            Runnable whenDone) {
        this.channel = channel;
        this.handler = handler;
        this.limits = limits;
        this.peer = peer;
        this.bodyBudget = bodyBudget;
        this.whenDone = whenDone;
    }

    @Override
    public void run() {
        InputStream in = new BufferedInputStream(new ChannelInput(channel), 4 << 10);
        RequestReader reader = new RequestReader(in, new Direct(), limits, bodyBudget, peer);
        try {
            boolean more = true;
            while (more) {
                deadline = System.nanoTime() + limits.idle().toNanos();
                more = one(reader);
                reader.release();
            }
        } catch (IOException e) {
            // The client went away or was too slow: nobody is left to tell.
        } finally {
            reader.release();
            close();
            whenDone.run();
        }
    }

    /** Closes a connection that has been waiting for its client too long; {@code now} is {@link System#nanoTime}. */
    void closeIfOverdue(long now) {
        long limit = deadline;
        if (limit != NEVER && now - limit > 0) {
            close();
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            // Closed as far as it can be.
        }
    }

    void write(byte[] bytes, int from, int length) throws IOException {
        deadline = System.nanoTime() + limits.stalled().toNanos();
        int done = 0;
        while (done < length) {
            ByteBuffer piece = ByteBuffer.wrap(bytes, from + done, Math.min(PIECE, length - done));
            while (piece.hasRemaining()) {
                int written = channel.write(piece);
                done += written;
            }
        }
        deadline = NEVER;
    }

    /** Interrupts {@code handling} when the client ends the connection before {@link #unwatch}. */
    void watch(Thread handling) {
        synchronized (this) {
            if (watched != null) {
                return;
            }
            watched = handling;
        }
        Thread.ofVirtual().name("bulkhead-api-watch").start(this::readUntilGone);
    }

    private boolean one(RequestReader reader) throws IOException {
        HttpRequest request;
        try {
            Optional<HttpRequest> next = reader.next();
            if (next.isEmpty()) {
                return false;
            }
            request = next.get();
        } catch (HttpRefusal e) {
            HttpResponse response = new HttpResponse(this, false);
            Errors.send(response, e.status(), "bad-request", e.getMessage() + "", "");
            return false;
        }
        deadline = NEVER;
        boolean keepAlive = !"close".equalsIgnoreCase(request.headers().get("connection"));
        HttpResponse response = new HttpResponse(this, keepAlive);
        try {
            handler.handle(request, response);
        } catch (RuntimeException e) {
            if (!response.begun()) {
                Errors.send(response, 500, "bug", "this is a bug: " + e, "please report it with the daemon's log");
            }
            return false;
        } finally {
            unwatch();
        }
        return response.finish();
    }

    private void readUntilGone() {
        ByteBuffer dropped = ByteBuffer.allocate(512);
        try {
            while (channel.read(dropped.clear()) >= 0) {
                // A client has nothing to say while it is being answered.
            }
        } catch (IOException e) {
            // Closed, by either side.
        }
        synchronized (this) {
            if (watched != null) {
                watched.interrupt();
            }
        }
    }

    private void unwatch() {
        synchronized (this) {
            watched = null;
            // A late interrupt must not hit the next thing this thread does.
            boolean late = Thread.interrupted();
            if (late) {
                close();
            }
        }
    }

    private final class Direct extends OutputStream {
        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            HttpConnection.this.write(bytes, from, length);
            deadline = System.nanoTime() + limits.idle().toNanos();
        }
    }
}
