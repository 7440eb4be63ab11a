package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Asks a program something that it answers at once on its standard output, as {@code --version} does. */
public final class ProgramOutput {

    private static final Native.Call MEMFD_CREATE = Native.bind("memfd_create", 2);
    private static final Native.Call PREAD = Native.bind("pread", 4);

    private static final int MFD_CLOEXEC = 1;
    private static final int MOST_BYTES = 4096;

    private ProgramOutput() {}

    /**
     * Runs it with almost no environment and waits for its end; whoever is not done in time is killed.
     *
     * @param identity who runs it: a program that belongs to an app's user is never run with more rights than that user has
     * @return at most 4096 bytes of what it printed; empty when it failed, could not be run or took too long
     */
    public static Optional<String> of(Path program, List<String> arguments, Optional<Identity> identity, int millis) {
        try (Arena arena = Arena.ofConfined()) {
            int memory = MEMFD_CREATE.call(
                    "memfd_create", Native.string(arena, "output").address(), MFD_CLOEXEC);
            try {
                return run(program, arguments, identity, memory, millis)
                        ? Optional.of(read(arena, memory))
                        : Optional.empty();
            } finally {
                Fd.close(memory);
            }
        } catch (ErrnoException cannotRun) {
            return Optional.empty();
        }
    }

    private static boolean run(
            Path program, List<String> arguments, Optional<Identity> identity, int output, int millis)
            throws ErrnoException {
        List<String> argv = new ArrayList<>();
        identity.ifPresent(who -> SetPriv.become(argv, Tools.FOUND, who));
        argv.add(program.toString());
        argv.addAll(arguments);
        Spawn spawn = new Spawn(Path.of(argv.getFirst()), argv, Map.of("PATH", CommandLookup.DEFAULT_PATH))
                .open(0, Path.of("/dev/null"), Spawn.READ_ONLY)
                .copy(output, 1)
                .open(2, Path.of("/dev/null"), Spawn.READ_WRITE);
        try (Pidfd process = Pidfd.open(spawn.start())) {
            if (!Poll.await(process.fd(), millis)) {
                process.signal(Signals.KILL);
                Poll.await(process.fd(), millis);
            }
            Optional<ExitStatus> status = process.reap();
            return status.isPresent() && status.get().code().equals(OptionalInt.of(0));
        }
    }

    private static String read(Arena arena, int fd) {
        MemorySegment buffer = arena.allocate(MOST_BYTES);
        long bytes = PREAD.raw(fd, buffer.address(), MOST_BYTES, 0);
        return bytes <= 0
                ? ""
                : new String(buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
