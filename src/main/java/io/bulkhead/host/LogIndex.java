package io.bulkhead.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * When the bytes of a log file arrived: a sparse list of (time, offset) in {@code api.log.idx}. A head of 16 bytes (magic, interval in
 * ms), then records of 16 bytes: ms since 1970 and an offset, big-endian, offsets growing. What lies between two records arrived within
 * one interval after the first. A convenience, never the truth: whatever is wrong with it, logs are written and read. Owned by the
 * pump's thread.
 */
final class LogIndex {

    static final String SUFFIX = ".idx";

    private static final long MAGIC = 0x42484c4944583101L; // "BHLIDX1" and a byte that no text has
    private static final int RECORD = 16;
    private static final long FIRST_INTERVAL = 1000;

    /** Beyond this many records every other one goes and the interval doubles: at most 1 MiB for a log of any shape. */
    static final int MOST_RECORDS = 1 << 16;

    private final Path path;
    private final ByteBuffer record = ByteBuffer.allocate(RECORD);
    private Optional<FileChannel> file = Optional.empty();
    private long records;
    private long interval = FIRST_INTERVAL;
    private long lastTime;
    private long lastOffset = -1;

    LogIndex(Path log) {
        path = beside(log);
    }

    /** The index of the log {@code log}, which keeps it also when the log is compressed. */
    static Path beside(Path log) {
        return log.resolveSibling(log.getFileName() + SUFFIX);
    }

    /** Continues the index of a log that has {@code logSize} bytes, keeping what of it can be true. */
    void open(long logSize) {
        close();
        try {
            FileChannel opened = FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----")));
            file = Optional.of(opened);
            recover(opened, logSize);
        } catch (IOException | RuntimeException without) {
            close();
        }
    }

    /** The log was emptied or begins anew. */
    void restart() {
        file.ifPresent(this::begin);
    }

    /** Bytes that arrive now are about to be written at {@code offset}. */
    void arriving(long now, long offset) {
        // A clock that was set back is noted too: readers take the first record that is late enough.
        boolean due = lastOffset < 0 || now - lastTime >= interval || now < lastTime;
        if (due && offset >= lastOffset && file.isPresent()) {
            append(file.get(), now, offset);
        }
    }

    void close() {
        file.ifPresent(LogIndex::close);
        file = Optional.empty();
        forget();
    }

    private void append(FileChannel out, long now, long offset) {
        try {
            boolean again = offset == lastOffset; // nothing had come at the time that was noted
            if (!again && records >= MOST_RECORDS) {
                thin(out);
            }
            long number = again ? records - 1 : records;
            record.clear().putLong(now).putLong(offset).flip();
            if (out.write(record, RECORD * (number + 1)) == RECORD) {
                records = number + 1;
                lastTime = now;
                lastOffset = offset;
            }
        } catch (IOException diskIsFull) {
            // The next record takes this one's place.
        }
    }

    private void recover(FileChannel in, long logSize) throws IOException {
        forget();
        ByteBuffer all = ByteBuffer.allocate((int) Math.min(in.size(), RECORD * (MOST_RECORDS + 1L)));
        while (all.hasRemaining() && in.read(all, all.position()) > 0) {
            // the whole of it
        }
        all.flip();
        if (all.remaining() < RECORD || all.getLong() != MAGIC) {
            begin(in);
            return;
        }
        long kept = all.getLong();
        interval = kept >= FIRST_INTERVAL && kept <= FIRST_INTERVAL << 24 ? kept : FIRST_INTERVAL;
        while (all.remaining() >= RECORD) {
            long time = all.getLong();
            long offset = all.getLong();
            if (offset <= lastOffset || offset > logSize || time <= 0) {
                break;
            }
            records++;
            lastTime = time;
            lastOffset = offset;
        }
        in.truncate(RECORD * (records + 1));
    }

    private void begin(FileChannel out) {
        forget();
        try {
            out.truncate(0);
            record.clear().putLong(MAGIC).putLong(interval).flip();
            out.write(record, 0);
        } catch (IOException diskIsFull) {
            close();
        }
    }

    private void thin(FileChannel both) throws IOException {
        ByteBuffer all = ByteBuffer.allocate((int) (RECORD * (records + 1)));
        while (all.hasRemaining() && both.read(all, all.position()) > 0) {
            // the whole of it
        }
        interval *= 2;
        all.putLong(Long.BYTES, interval);
        long half = records / 2;
        for (int i = 1; i <= half; i++) {
            all.put(RECORD * i, all, RECORD * (2 * i - 1), RECORD);
        }
        all.position(0).limit((int) (RECORD * (half + 1)));
        both.write(all, 0);
        both.truncate(RECORD * (half + 1));
        records = half;
    }

    private void forget() {
        records = 0;
        interval = FIRST_INTERVAL;
        lastOffset = -1;
    }

    private static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException alreadyWritten) {
            // a convenience
        }
    }

    /** Reads an index while it may still be growing, and whatever its state. Owned by one thread. */
    static final class Reader implements AutoCloseable {

        private static final int PAGE = 64 * RECORD;

        private final FileChannel file;
        private final long interval;
        private final ByteBuffer page = ByteBuffer.allocate(PAGE).limit(0);
        private long pageAt = -1;
        private long next;
        private long timeHere;
        private long offsetHere = -1;

        private Reader(FileChannel file, long interval) {
            this.file = file;
            this.interval = interval;
        }

        /** Empty when there is none, or none that makes sense. */
        static Optional<Reader> open(Path index) {
            try {
                FileChannel file = FileChannel.open(index);
                ByteBuffer head = ByteBuffer.allocate(RECORD);
                if (file.read(head, 0) == RECORD && head.getLong(0) == MAGIC) {
                    return Optional.of(new Reader(file, Math.max(FIRST_INTERVAL, head.getLong(Long.BYTES))));
                }
                file.close();
            } catch (IOException without) {
                // times are unknown then
            }
            return Optional.empty();
        }

        /** When the first bytes arrived; empty when nothing is known. */
        Optional<Long> firstTime() {
            return load(0) ? Optional.of(time(0)) : Optional.empty();
        }

        /** An offset before which everything arrived before {@code millis}; {@link Long#MAX_VALUE}: everything known did. */
        long offsetSince(long millis) {
            long low = 0;
            long high = records();
            while (low < high) {
                long middle = (low + high) >>> 1;
                if (load(middle) && time(middle) <= millis) {
                    low = middle + 1;
                } else {
                    high = middle;
                }
            }
            if (low == 0) {
                return 0;
            }
            if (load(low - 1) && time(low - 1) + interval > millis) {
                return offset(low - 1);
            }
            return load(low) ? offset(low) : Long.MAX_VALUE;
        }

        /** When the byte at {@code offset} arrived, at most one interval early; asked with growing offsets. 0: unknown. */
        long timeAt(long offset) {
            while (load(next) && offset(next) <= offset && offset(next) > offsetHere) {
                timeHere = time(next);
                offsetHere = offset(next);
                next++;
            }
            return timeHere;
        }

        @Override
        public void close() {
            LogIndex.close(file);
        }

        private long records() {
            try {
                return Math.max(0, file.size() / RECORD - 1);
            } catch (IOException unknown) {
                return 0;
            }
        }

        private boolean load(long number) {
            long at = number / 64 * PAGE;
            if (at != pageAt || slot(number) + RECORD > page.limit()) {
                page.clear();
                pageAt = at;
                try {
                    file.read(page, RECORD + at);
                } catch (IOException unreadable) {
                    page.position(0);
                }
                page.flip();
            }
            return slot(number) + RECORD <= page.limit();
        }

        private static int slot(long number) {
            return (int) (number % 64) * RECORD;
        }

        private long time(long number) {
            return page.getLong(slot(number));
        }

        private long offset(long number) {
            return page.getLong(slot(number) + Long.BYTES);
        }
    }
}
