package io.bulkhead.host;

import io.bulkhead.linux.Epoll;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.linux.Fd;
import io.bulkhead.linux.PipeBuffer;
import io.bulkhead.linux.PipeEnd;
import io.bulkhead.linux.Splice;
import io.bulkhead.spec.LogSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/**
 * Brings what all apps write into their log files, on one thread of its own, asleep while nobody writes. Bytes move inside the kernel
 * where nothing must be done to them. A pipe gets {@link #TURN} bytes at a time, so that an app that floods its log delays
 * the others by that much and no more. What is unread when the pump stops waits in the pipes for the next one.
 */
final class LogPump implements AutoCloseable {

    /** Bytes moved for one source before the next gets its turn; also the size of its pipe, where the kernel allows. */
    static final long TURN = 1 << 20;

    private static final int MOST_REQUESTS = 4096;

    private final LogTrouble.Listener listener;
    private final LogGzip gzip = new LogGzip();
    private final PipeBuffer buffer = new PipeBuffer();
    private final Splice splice = new Splice();
    private final byte[] scratch = new byte[PipeBuffer.SIZE];
    private final ConcurrentHashMap<Path, LogFile> files = new ConcurrentHashMap<>();
    private final ArrayBlockingQueue<Runnable> requests = new ArrayBlockingQueue<>(MOST_REQUESTS);
    private final Epoll epoll;
    private final int nowhere;
    private final LongSupplier clock;
    private final Thread thread;

    /** Pipes being read, by descriptor. */
    private final Map<Integer, LogSource> sources = new HashMap<>();

    /** Who writes into a file, and who wrote last. */
    private final Map<LogFile, Use> uses = new HashMap<>();

    private Optional<byte[]> stamped = Optional.empty();
    private byte[] stamp = {};
    private long stampMillis = Long.MIN_VALUE;
    private boolean running = true;

    private static final class Use {
        final List<LogSource> sources = new ArrayList<>(1);
        Optional<LogSource> last = Optional.empty();
    }

    LogPump(LogTrouble.Listener listener) throws ErrnoException {
        this(listener, System::currentTimeMillis);
    }

    /** @param clock ms since 1970, when lines arrive */
    LogPump(LogTrouble.Listener listener, LongSupplier clock) throws ErrnoException {
        this.listener = listener;
        this.clock = clock;
        epoll = new Epoll();
        nowhere = PipeEnd.openSink();
        thread = Thread.ofPlatform().name("logs").daemon(true).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** The log kept at {@code path}, the same object for the same path; {@code spec} holds from now on. Any thread. */
    LogFile file(Path path, LogSpec spec) {
        LogFile file = files.computeIfAbsent(path, each -> new LogFile(each, spec, listener, gzip, buffer, splice));
        file.configure(spec);
        return file;
    }

    /** Forgets a log that no source uses any more; its files stay. Any thread. */
    void forget(LogFile file) throws IOException {
        request(() -> {
            if (!uses.containsKey(file)) {
                file.close();
                files.remove(file.path(), file);
            }
        });
    }

    /**
     * Begins to read {@code source}. Any thread.
     *
     * @throws IOException when its pipe cannot be opened, or the pump has not answered for long
     */
    void attach(LogSource source) throws IOException {
        int pipe = PipeEnd.open(source.fifo());
        PipeEnd.enlarge(pipe);
        try {
            request(() -> begin(source, pipe));
        } catch (IOException e) {
            Fd.close(pipe);
            throw e;
        }
    }

    /** Brings what is unread in {@code source} into its file, ends reading it, then calls {@code done} on the pump's thread. */
    void detach(LogSource source, Runnable done) throws IOException {
        request(() -> {
            if (source.pipe >= 0) {
                drain(source);
                end(source);
            }
            done.run();
        });
    }

    /** Brings what is unread in {@code source} now into its file, then calls {@code done} on the pump's thread. Any thread. */
    void sync(LogSource source, Runnable done) throws IOException {
        request(() -> {
            if (source.pipe >= 0) {
                drain(source);
            }
            done.run();
        });
    }

    /** Empties a log, its rotated files included, then calls {@code done} on the pump's thread. Any thread. */
    void flush(LogFile file, Runnable done) throws IOException {
        request(() -> {
            file.flush(tick());
            if (!uses.containsKey(file)) {
                file.close();
            }
            done.run();
        });
    }

    /** Whether no rotated file waits to be compressed. Any thread. */
    boolean compressed() {
        return gzip.idle();
    }

    /** Stops reading; what is unread stays in the pipes. Returns when the thread has ended. */
    @Override
    public void close() {
        while (thread.isAlive() && !requests.offer(() -> running = false)) {
            Thread.onSpinWait();
        }
        epoll.wake();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        epoll.close();
        Fd.close(nowhere);
    }

    private void request(Runnable request) throws IOException {
        if (!requests.offer(request)) {
            throw new IOException("the log pump does not answer: is the disk with the logs stuck?");
        }
        epoll.wake();
    }

    private void run() {
        try {
            while (running) {
                epoll.await(-1, (pipe, events) -> turn(pipe, events));
                for (Runnable next = requests.poll(); next != null; next = requests.poll()) {
                    next.run();
                }
            }
        } catch (ErrnoException broken) {
            throw new AssertionError("the log pump cannot wait", broken);
        } finally {
            for (LogSource source : List.copyOf(sources.values())) {
                end(source);
            }
            files.values().forEach(LogFile::close);
        }
    }

    private void begin(LogSource source, int pipe) {
        source.pipe = pipe;
        sources.put(pipe, source);
        Use use = uses.computeIfAbsent(source.file, none -> new Use());
        use.sources.add(source);
        source.file.ready(now(), tick()); // so that a folder nobody may write to is told before the first line is lost
        source.from = source.file.place();
        try {
            epoll.add(pipe, Epoll.IN);
        } catch (ErrnoException e) {
            source.file.fail(e, 0, tick());
            end(source);
        }
    }

    private void end(LogSource source) {
        release(source);
        try {
            epoll.remove(source.pipe);
        } catch (ErrnoException wasNotThere) {
            // it had ended before
        }
        sources.remove(source.pipe);
        Fd.close(source.pipe);
        source.pipe = -1;
        Use use = uses.get(source.file);
        if (use != null) {
            use.sources.remove(source);
            if (use.sources.isEmpty()) {
                uses.remove(source.file);
                source.file.close();
            }
        }
        source.file.signal();
    }

    private void turn(int pipe, int events) {
        LogSource source = sources.get(pipe);
        if (source != null) {
            long moved = moveGuarded(source);
            if (moved == 0 && (events & Epoll.IN) == 0) {
                rest(source);
            }
        }
    }

    /** A bug that shows with one app's output must not silence all others. */
    private long moveGuarded(LogSource source) {
        try {
            return move(source, TURN);
        } catch (RuntimeException bug) {
            source.file.fail(new IOException(bug.toString(), bug), 0, tick());
            return 1;
        }
    }

    /** Nobody holds the pipe for writing: without this it would be ready for ever. */
    private void rest(LogSource source) {
        try {
            epoll.remove(source.pipe);
        } catch (ErrnoException wasNotThere) {
            // resting already
        }
    }

    private void drain(LogSource source) {
        // More than the pipe holds is new: a program that never stops writing must not keep us here.
        long left = TURN;
        for (long moved = 1; left > 0 && moved > 0; left -= moved) {
            moved = move(source, left);
        }
        release(source);
        source.file.signal();
    }

    /** Moves at most about {@code budget} bytes; says how many. */
    private long move(LogSource source, long budget) {
        LogFile file = source.file;
        long now = now();
        long tick = tick();
        long done = 0;
        boolean good = file.ready(now, tick);
        try {
            if (good) {
                takeOver(source, now, tick);
            }
            while (done < budget) {
                good = good && !file.isDown();
                long moved = good ? step(source, budget - done, now, tick) : discard(source, budget - done, tick);
                if (moved <= 0) {
                    break;
                }
                done += moved;
            }
        } catch (IOException e) {
            file.fail(e, 0, tick);
            // What is in the pipe is dropped in the next turn, which comes at once.
            done = Math.max(done, 1);
        }
        if (done > 0) {
            file.signal();
        }
        return done;
    }

    private long step(LogSource source, long max, long now, long tick) throws IOException {
        LogFile file = source.file;
        boolean stamps = file.spec().timestamps() || source.mark.length > 0;
        boolean alone = use(source).sources.size() == 1;
        if (alone) {
            release(source);
        }
        if (alone && !stamps) {
            return file.take(source.pipe, scratch, max, now, tick);
        }
        int count = buffer.read(source.pipe, scratch, (int) Math.min(max, scratch.length));
        if (count > 0) {
            LogLines.Sink to = sink(source, now, tick);
            if (alone) {
                to.take(scratch, count);
            } else {
                source.lines.whole(scratch, count, to);
            }
        }
        return count;
    }

    /** Into the file, through stamp and mark where they are wanted. */
    private LogLines.Sink sink(LogSource source, long now, long tick) {
        LogFile file = source.file;
        LogLines.Sink plain = (bytes, length) -> file.append(bytes, 0, length, now, tick);
        if (!file.spec().timestamps() && source.mark.length == 0) {
            return plain;
        }
        byte[] stamp = file.spec().timestamps() ? join(stampFor(now), source.mark) : source.mark;
        return (bytes, length) -> source.lines.stamp(bytes, length, stampSpace(), stamp, plain);
    }

    private static byte[] join(byte[] stamp, byte[] mark) {
        if (mark.length == 0) {
            return stamp;
        }
        byte[] both = Arrays.copyOf(stamp, stamp.length + mark.length);
        System.arraycopy(mark, 0, both, stamp.length, mark.length);
        return both;
    }

    /** A new source begins on a line of its own, whatever the one before left unfinished. */
    private void takeOver(LogSource source, long now, long tick) {
        Use use = use(source);
        if (use.last.isPresent() && use.last.get() != source && source.file.endsInLine()) {
            source.file.append(new byte[] {'\n'}, 0, 1, now, tick);
        }
        use.last = Optional.of(source);
    }

    private Use use(LogSource source) {
        return uses.computeIfAbsent(source.file, none -> new Use());
    }

    private long discard(LogSource source, long max, long tick) throws IOException {
        long gone = splice.toSink(source.pipe, nowhere, max);
        if (gone > 0) {
            source.file.drop(gone, tick);
        }
        return gone;
    }

    private void release(LogSource source) {
        if (source.lines.keeps()) {
            long now = now();
            long tick = tick();
            boolean good = source.file.ready(now, tick);
            source.lines.release(good ? sink(source, now, tick) : (bytes, length) -> source.file.drop(length, tick));
        }
    }

    private byte[] stampSpace() {
        if (stamped.isEmpty()) {
            stamped = Optional.of(new byte[PipeBuffer.SIZE]);
        }
        return stamped.get();
    }

    private byte[] stampFor(long now) {
        if (now != stampMillis) {
            stamp = LogLines.stampOf(now);
            stampMillis = now;
        }
        return stamp;
    }

    private long now() {
        return clock.getAsLong();
    }

    private static long tick() {
        return System.nanoTime() / 1_000_000;
    }
}
