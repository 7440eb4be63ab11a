package io.bulkhead.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Runs a program that gets its whole question on standard input and answers in lines. Its end is waited for, and made when it is late. */
public final class AskedProgram {

    private static final Native.Call MEMFD_CREATE = Native.bind("memfd_create", 2);
    private static final Native.Call PIPE2 = Native.bind("pipe2", 2);
    private static final Native.Call PWRITE = Native.bind("pwrite", 4);
    private static final Native.Call PREAD = Native.bind("pread", 4);

    private static final int MFD_CLOEXEC = 1;
    private static final int O_CLOEXEC = 0x80000;
    private static final int BUFFER = 8192;

    /** What a program says on standard error that is told when it fails. */
    private static final int MOST_COMPLAINT = 2048;

    /** Of a killed program: a process in uninterruptible sleep is not waited for any longer. */
    private static final int KILLED_MILLIS = 2_000;

    private final List<String> command;
    private final Map<String, String> environment;
    private final int mostBytes;

    /**
     * @param command program, absolute, and arguments
     * @param mostBytes of its answer; when it says more it is ended
     */
    public AskedProgram(List<String> command, Map<String, String> environment, int mostBytes) {
        this.command = List.copyOf(command);
        this.environment = Map.copyOf(environment);
        this.mostBytes = mostBytes;
    }

    /**
     * Asks, hands each line of the answer to {@code line}, and returns when the program has ended with code 0. Not on the loop.
     *
     * @param question may hold secrets: it goes through memory that no other user may read
     * @throws IOException when it could not be run, failed, was late or said too much
     */
    public void ask(byte[] question, int millis, Consumer<String> line) throws IOException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment ends = arena.allocate(8, 4);
            PIPE2.call("pipe2", ends.address(), O_CLOEXEC);
            int read = ends.get(ValueLayout.JAVA_INT, 0);
            int write = ends.get(ValueLayout.JAVA_INT, 4);
            int in = -1;
            int err = -1;
            try {
                in = memory(arena);
                err = memory(arena);
                fill(arena, in, question);
                Spawn spawn = new Spawn(Path.of(command.getFirst()), command, environment)
                        .copy(in, 0)
                        .copy(write, 1)
                        .copy(err, 2);
                try (Pidfd process = Pidfd.open(spawn.start())) {
                    Fd.close(write);
                    write = -1;
                    String why = converse(arena, process, read, end, line);
                    finish(arena, process, end, why, err);
                }
            } finally {
                for (int fd : new int[] {read, write, in, err}) {
                    if (fd >= 0) {
                        Fd.close(fd);
                    }
                }
            }
        }
    }

    private static int memory(Arena arena) throws ErrnoException {
        return MEMFD_CREATE.call("memfd_create", Native.string(arena, "asked").address(), MFD_CLOEXEC);
    }

    /** pwrite(2) leaves the place where the program will read at the beginning. */
    private static void fill(Arena arena, int memory, byte[] question) throws IOException {
        MemorySegment bytes = arena.allocateFrom(ValueLayout.JAVA_BYTE, question);
        long at = 0;
        while (at < question.length) {
            long written = PWRITE.raw(memory, bytes.address() + at, question.length - at, at);
            if (written <= 0) {
                throw new IOException("no memory for " + question.length + " bytes of a question");
            }
            at += written;
        }
    }

    /** Reads until the program closes its output; empty when it did, else why that was not waited for. */
    private String converse(Arena arena, Pidfd process, int output, long end, Consumer<String> line)
            throws ErrnoException {
        MemorySegment buffer = arena.allocate(BUFFER);
        ByteArrayOutputStream begun = new ByteArrayOutputStream();
        long all = 0;
        while (true) {
            int left = (int) Math.max(0, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
            if (left == 0 || !Poll.await(output, left)) {
                if (System.nanoTime() - end >= 0) {
                    process.signal(Signals.KILL);
                    return "it did not end in time";
                }
                continue; // a signal woke us
            }
            long got = Fd.READ.raw(output, buffer.address(), BUFFER);
            if (got <= 0) {
                return "";
            }
            all += got;
            if (all > mostBytes) {
                process.signal(Signals.KILL);
                return "it said more than " + mostBytes + " bytes";
            }
            for (long i = 0; i < got; i++) {
                byte one = buffer.get(ValueLayout.JAVA_BYTE, i);
                if (one == '\n') {
                    line.accept(begun.toString(StandardCharsets.UTF_8));
                    begun.reset();
                } else {
                    begun.write(one);
                }
            }
        }
    }

    private void finish(Arena arena, Pidfd process, long end, String why, int err) throws IOException {
        int left = (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime()));
        if (!process.awaitEnd(why.isEmpty() ? left : KILLED_MILLIS)) {
            process.signal(Signals.KILL);
            process.awaitEnd(KILLED_MILLIS);
        }
        Optional<ExitStatus> status = process.reap();
        if (!why.isEmpty()) {
            throw new IOException(command.getFirst() + ": " + why);
        }
        if (status.isEmpty() || !status.get().code().equals(OptionalInt.of(0))) {
            MemorySegment buffer = arena.allocate(MOST_COMPLAINT);
            long got = PREAD.raw(err, buffer.address(), MOST_COMPLAINT, 0);
            String complaint = got <= 0
                    ? ""
                    : new String(buffer.asSlice(0, got).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8).strip();
            throw new IOException(command.getFirst() + " ended with "
                    + status.map(Object::toString).orElse("no status")
                    + (complaint.isEmpty() ? "" : ": " + complaint));
        }
    }
}
