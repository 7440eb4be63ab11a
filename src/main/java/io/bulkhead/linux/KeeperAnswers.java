package io.bulkhead.linux;

import io.bulkhead.linux.Keeper.Answer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What a keeper says, a line each, out of the pipe in its folder. Owned by one thread. */
final class KeeperAnswers implements AutoCloseable {

    private static final int LONGEST_ANSWER = 4096;
    private static final long LONGEST_START_MILLIS = 5_000;

    private final Path pipe;
    private final int fd;
    private final Arena arena = Arena.ofShared();
    private final MemorySegment buffer = arena.allocate(LONGEST_ANSWER);
    private final StringBuilder unfinished = new StringBuilder();

    /** @param fd {@code pipe}, opened; closed with this */
    KeeperAnswers(Path pipe, int fd) {
        this.pipe = pipe;
        this.fd = fd;
    }

    int fd() {
        return fd;
    }

    /** Everything the keeper has said since the last call, oldest first; empty when nothing. Never waits. */
    List<Answer> read() throws IOException {
        while (true) {
            int read = (int) Fd.READ.raw(fd, buffer.address(), LONGEST_ANSWER);
            if (read < 0 && Native.lastErrno() == Errno.EINTR) {
                continue;
            }
            if (read < 0 && Native.lastErrno() != Errno.EAGAIN) {
                throw new ErrnoException("read " + pipe, Native.lastErrno());
            }
            if (read <= 0) {
                return takeLines();
            }
            byte[] bytes = buffer.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
            // One byte, one char: an answer cut in the middle of a character is joined before it is decoded.
            unfinished.append(new String(bytes, StandardCharsets.ISO_8859_1));
        }
    }

    private List<Answer> takeLines() {
        List<Answer> said = new ArrayList<>();
        int start = 0;
        for (int end = unfinished.indexOf("\n", start); end >= 0; end = unfinished.indexOf("\n", start)) {
            byte[] line = unfinished.substring(start, end).getBytes(StandardCharsets.ISO_8859_1);
            said.add(parse(new String(line, StandardCharsets.UTF_8)));
            start = end + 1;
        }
        unfinished.delete(0, start);
        if (unfinished.length() > LONGEST_ANSWER) {
            said.add(new Answer.Strange(unfinished.toString()));
            unfinished.setLength(0);
        }
        return said;
    }

    static Answer parse(String line) {
        String[] words = line.split(" ", 3);
        try {
            return switch (words[0]) {
                case "ready" -> new Answer.Ready(Integer.parseInt(words[1]));
                case "started" -> new Answer.Started(Integer.parseInt(words[1]));
                case "spare" -> new Answer.Spare(Integer.parseInt(words[1]));
                case "forked" -> new Answer.Forked(Integer.parseInt(words[1]));
                case "reaped" -> new Answer.Reaped(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                case "failed" -> new Answer.Failed(words[1], words[2]);
                case "warned" -> new Answer.Warned(words[1], words[2]);
                default -> new Answer.Strange(line);
            };
        } catch (NumberFormatException | ArrayIndexOutOfBoundsException unexpected) {
            return new Answer.Strange(line);
        }
    }

    /** Waits for the number that a keeper tells when it is in its compartment. */
    static int first(Path answers) throws IOException {
        int fd = Fifo.open(answers);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment room = arena.allocate(LONGEST_ANSWER);
            for (long waited = 0; waited < LONGEST_START_MILLIS; waited++) {
                int read = (int) Fd.READ.raw(fd, room.address(), LONGEST_ANSWER);
                if (read > 0) {
                    byte[] said = room.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
                    String line = new String(said, StandardCharsets.UTF_8).strip();
                    if (parse(line) instanceof Answer.Ready(int pid)) {
                        return pid;
                    }
                    throw new IOException("another keeper cannot begin: " + line);
                }
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
            }
            throw new IOException("another keeper did not begin");
        } finally {
            Fd.close(fd);
        }
    }

    @Override
    public void close() {
        Fd.close(fd);
        arena.close();
    }
}
