package io.bulkhead.host;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * One open file of a log, read by position, compressed or not. Keeps reading the same bytes when the file is renamed or removed.
 * Owned by one thread.
 */
final class LogSegment implements AutoCloseable {

    private final FileChannel file;
    private final boolean gzip;
    private final Optional<String> rotatedAt;
    private final Optional<LogIndex.Reader> index;
    private Optional<InputStream> unpacked = Optional.empty();
    private long unpackedAt;

    private LogSegment(FileChannel file, boolean gzip, Optional<String> rotatedAt, Optional<LogIndex.Reader> index) {
        this.file = file;
        this.gzip = gzip;
        this.rotatedAt = rotatedAt;
        this.index = index;
    }

    /** Empty when there is no such file. */
    static Optional<LogSegment> open(Path path, boolean gzip, Optional<String> rotatedAt) throws IOException {
        try {
            FileChannel file = FileChannel.open(path);
            String name = path.toString();
            Path plain = gzip ? Path.of(name.substring(0, name.length() - 3)) : path;
            return Optional.of(new LogSegment(file, gzip, rotatedAt, LogIndex.Reader.open(LogIndex.beside(plain))));
        } catch (NoSuchFileException gone) {
            return Optional.empty();
        }
    }

    boolean isCompressed() {
        return gzip;
    }

    /** The time in its name, {@code yyyyMMdd-HHmmss} in UTC: all its bytes came before. Empty for the current file. */
    Optional<String> rotatedAt() {
        return rotatedAt;
    }

    Optional<LogIndex.Reader> index() {
        return index;
    }

    /** Bytes of text in it; for a compressed one unknown, and told as {@link Long#MAX_VALUE}. */
    long size() throws IOException {
        return gzip ? Long.MAX_VALUE : file.size();
    }

    /** Reads at {@code position}, -1 at the end. Going back in a compressed file starts over and is slow. */
    int read(byte[] into, int offset, int length, long position) throws IOException {
        if (!gzip) {
            return file.read(ByteBuffer.wrap(into, offset, length), position);
        }
        if (unpacked.isEmpty() || position < unpackedAt) {
            file.position(0);
            unpacked = Optional.of(new GZIPInputStream(Channels.newInputStream(file), 1 << 13));
            unpackedAt = 0;
        }
        InputStream in = unpacked.get();
        try {
            in.skipNBytes(position - unpackedAt);
        } catch (EOFException beyond) {
            unpacked = Optional.empty();
            return -1;
        }
        unpackedAt = position;
        int count = in.read(into, offset, length);
        unpackedAt += Math.max(0, count);
        return count;
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException nothingWasWritten) {
            // nothing to save
        }
        index.ifPresent(LogIndex.Reader::close);
    }
}
