package io.bulkhead.story;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Numbers beyond which no event and no incident has ever been numbered, in a tiny file beside the database. Numbers are promised in
 * blocks, so that it is written seldom; an unclean end leaves out the rest of a block, and a lost database begins after it.
 */
final class SeqMark {

    private static final long BLOCK = 1000;

    private final Path file;
    private long seq;
    private long incident;

    SeqMark(Path file) {
        this.file = file;
        try {
            String[] words = Files.readString(file).strip().split(" ");
            seq = Long.parseLong(words[0]);
            incident = Long.parseLong(words[1]);
        } catch (IOException | RuntimeException none) {
            // a new history, or the database knows
        }
    }

    /** No event so far has a greater number. */
    long seq() {
        return seq;
    }

    /** No incident so far has a greater number. */
    long incident() {
        return incident;
    }

    /** To be called before the numbers are used. */
    void reaches(long lastSeq, long lastIncident) {
        if (lastSeq > seq || lastIncident > incident) {
            seq = Math.max(seq, lastSeq + BLOCK);
            incident = Math.max(incident, lastIncident + BLOCK / 10);
            write();
        }
    }

    /** At a clean end: nothing of the block is left out. */
    void exactly(long lastSeq, long lastIncident) {
        seq = lastSeq;
        incident = lastIncident;
        write();
    }

    private void write() {
        byte[] text = (seq + " " + incident + "\n").getBytes(StandardCharsets.US_ASCII);
        // Shorter than a sector and never shorter than before but at a clean end: written in place.
        try (FileChannel out = FileChannel.open(
                file,
                Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
            out.write(ByteBuffer.wrap(text), 0);
            out.truncate(text.length);
            out.force(false);
        } catch (IOException readOnly) {
            // the database says so too, louder
        }
    }
}
