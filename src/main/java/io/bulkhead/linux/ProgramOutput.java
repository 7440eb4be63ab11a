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

/** Asks a program something that it answers in seconds: {@code --version}, whether add-ons load. Its time and its output have bounds. */
public final class ProgramOutput {

    private static final Native.Call MEMFD_CREATE = Native.bind("memfd_create", 2);
    private static final Native.Call PREAD = Native.bind("pread", 4);
    private static final Native.Call KILL = Native.bind("kill", 2);

    private static final int MFD_CLOEXEC = 1;
    private static final int MOST_BYTES = 4096;
    private static final int KILLED_MILLIS = 2_000;

    /** ulimit -f counts 512 bytes (POSIX); a write beyond it ends the program (SIGXFSZ), in the memory of its output too. */
    private static final int BLOCK = 512;

    private static final String ENTER = "cd -- \"$1\" 2>/dev/null || cd /; ulimit -f \"$2\"; shift 2; exec \"$@\"";

    private ProgramOutput() {}

    /**
     * What is run.
     *
     * @param program absolute
     * @param identity who runs it: a program that belongs to an app's user is never run with more rights than that user has
     * @param folder where it starts
     * @param environment all that it sees
     * @param mostBytes of its output, and of any file that it writes
     */
    public record Question(
            Path program,
            List<String> arguments,
            Optional<Identity> identity,
            Path folder,
            Map<String, String> environment,
            int mostBytes) {}

    /**
     * @param status empty for one that was late, and killed
     * @param output standard output and standard error, as they came
     */
    public record Answer(Optional<ExitStatus> status, String output) {

        public boolean succeeded() {
            return status.isPresent() && status.get().code().equals(OptionalInt.of(0));
        }
    }

    /**
     * Runs it with almost no environment and waits for its end; whoever is not done in time is killed.
     *
     * @param identity who runs it: a program that belongs to an app's user is never run with more rights than that user has
     * @return at most 4096 bytes of what it printed on standard output; empty when it failed, could not be run or took too long
     */
    public static Optional<String> of(Path program, List<String> arguments, Optional<Identity> identity, int millis) {
        List<String> argv = new ArrayList<>();
        identity.ifPresent(who -> SetPriv.become(argv, Tools.FOUND, who));
        argv.add(program.toString());
        argv.addAll(arguments);
        try {
            Answer answer = run(argv, Map.of("PATH", CommandLookup.DEFAULT_PATH), false, MOST_BYTES, millis);
            return answer.succeeded() ? Optional.of(answer.output()) : Optional.empty();
        } catch (ErrnoException cannotRun) {
            return Optional.empty();
        }
    }

    /** Asks, and waits for the end of the program, which gets no input; when {@code millis} are over, or it has ended, all that is left of its session is killed. */
    public static Answer of(Question question, int millis) throws ErrnoException {
        List<String> argv = new ArrayList<>();
        question.identity().ifPresent(who -> SetPriv.become(argv, Tools.FOUND, who));
        argv.addAll(List.of("/bin/sh", "-c", ENTER, "sh", question.folder().toString()));
        argv.add(String.valueOf(question.mostBytes() / BLOCK));
        argv.add(question.program().toString());
        argv.addAll(question.arguments());
        return run(argv, question.environment(), true, question.mostBytes(), millis);
    }

    private static Answer run(
            List<String> argv, Map<String, String> environment, boolean errors, int mostBytes, int millis)
            throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            int memory = MEMFD_CREATE.call(
                    "memfd_create", Native.string(arena, "output").address(), MFD_CLOEXEC);
            try {
                Spawn spawn = new Spawn(Path.of(argv.getFirst()), argv, environment)
                        .open(0, Path.of("/dev/null"), Spawn.READ_ONLY)
                        .copy(memory, 1);
                if (errors) {
                    spawn.copy(memory, 2);
                } else {
                    spawn.open(2, Path.of("/dev/null"), Spawn.READ_WRITE);
                }
                Optional<ExitStatus> status = await(spawn.start(), millis);
                return new Answer(status, read(arena, memory, mostBytes));
            } finally {
                Fd.close(memory);
            }
        }
    }

    private static Optional<ExitStatus> await(int pid, int millis) throws ErrnoException {
        try (Pidfd process = Pidfd.open(pid)) {
            boolean inTime = process.awaitEnd(millis);
            // It leads a session and a group of its own (Spawn), whose number is its until it is reaped.
            KILL.quiet(-pid, Signals.KILL);
            process.awaitEnd(KILLED_MILLIS);
            Optional<ExitStatus> status = process.reap();
            return inTime ? status : Optional.empty();
        }
    }

    private static String read(Arena arena, int fd, int mostBytes) {
        MemorySegment buffer = arena.allocate(mostBytes);
        long bytes = PREAD.raw(fd, buffer.address(), mostBytes, 0);
        return bytes <= 0
                ? ""
                : new String(buffer.asSlice(0, bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
    }
}
