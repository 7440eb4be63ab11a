package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Starts a program with posix_spawn(3): in a session of its own, every signal at its default and none blocked, with exactly the
 * environment and the descriptors it was given. The JVM's own descriptors (sockets, lock files, eventfds) are not
 * close-on-exec, so all others are closed on the way.
 */
public final class Spawn {

    /** What a child's descriptor becomes. */
    private sealed interface Source {
        record Opened(Path path, int flags) implements Source {}

        record Copied(int fd) implements Source {}
    }

    public static final int READ_ONLY = 0;
    public static final int READ_WRITE = 2;

    private static final Native.Call POSIX_SPAWN = Native.bind("posix_spawn", 6);
    private static final Native.Call ACTIONS_INIT = Native.bind("posix_spawn_file_actions_init", 1);
    private static final Native.Call ACTIONS_DESTROY = Native.bind("posix_spawn_file_actions_destroy", 1);
    private static final Native.Call ADD_OPEN = Native.bind("posix_spawn_file_actions_addopen", 5);
    private static final Native.Call ADD_DUP2 = Native.bind("posix_spawn_file_actions_adddup2", 3);
    private static final Native.Call ADD_CLOSE = Native.bind("posix_spawn_file_actions_addclose", 2);
    private static final Native.Call ATTR_INIT = Native.bind("posix_spawnattr_init", 1);
    private static final Native.Call ATTR_DESTROY = Native.bind("posix_spawnattr_destroy", 1);
    private static final Native.Call ATTR_FLAGS = Native.bind("posix_spawnattr_setflags", 2);
    private static final Native.Call ATTR_DEFAULT = Native.bind("posix_spawnattr_setsigdefault", 2);
    private static final Native.Call ATTR_MASK = Native.bind("posix_spawnattr_setsigmask", 2);

    /** glibc 2.34 and later; musl and older glibc have none. */
    private static final boolean CLOSEFROM = Native.LINKER
            .defaultLookup()
            .find("posix_spawn_file_actions_addclosefrom_np")
            .isPresent();

    private static final int SETSIGDEF = 0x04;
    private static final int SETSIGMASK = 0x08;
    private static final int SETSID = 0x80;

    /** Larger than both structures in glibc (80 and 336 bytes) and musl (80 and 336). */
    private static final int STRUCT_SIZE = 512;

    private static final int SIGSET_SIZE = 128;

    /** Copied descriptors are first moved above the numbers a child uses, so that no action overwrites a later one's source. */
    private static final int ABOVE_ALL_TARGETS = 64;

    private final Path program;
    private final List<String> argv;
    private final Map<String, String> environment;
    private final Map<Integer, Source> descriptors = new TreeMap<>();

    /** @param argv the whole vector, the program's own name first */
    public Spawn(Path program, List<String> argv, Map<String, String> environment) {
        this.program = program;
        this.argv = List.copyOf(argv);
        this.environment = Map.copyOf(environment);
    }

    /** The child's {@code fd} (0 to 63) is {@code path}, opened by the child itself. */
    public Spawn open(int fd, Path path, int flags) {
        descriptors.put(fd, new Source.Opened(path, flags));
        return this;
    }

    /** The child's {@code fd} (0 to 63) is the same open file as this process's {@code own}. */
    public Spawn copy(int own, int fd) {
        descriptors.put(fd, new Source.Copied(own));
        return this;
    }

    /** Starts it and returns its process id. A descriptor that was not given is closed in the child, 0 to 2 too. */
    public int start() throws ErrnoException {
        List<Integer> moved = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment actions = arena.allocate(STRUCT_SIZE, 16);
            MemorySegment attributes = arena.allocate(STRUCT_SIZE, 16);
            ACTIONS_INIT.quiet(actions.address());
            ATTR_INIT.quiet(attributes.address());
            try {
                describe(arena, actions, moved);
                defaultSignals(arena, attributes);
                MemorySegment pid = arena.allocate(ValueLayout.JAVA_INT);
                int error = POSIX_SPAWN.quiet(
                        pid.address(),
                        Native.string(arena, program.toString()).address(),
                        actions.address(),
                        attributes.address(),
                        Native.strings(arena, argv).address(),
                        Native.strings(arena, entries()).address());
                check("posix_spawn " + program, error);
                return pid.get(ValueLayout.JAVA_INT, 0);
            } finally {
                ACTIONS_DESTROY.quiet(actions.address());
                ATTR_DESTROY.quiet(attributes.address());
            }
        } finally {
            moved.forEach(Fd::close);
        }
    }

    private void describe(Arena arena, MemorySegment actions, List<Integer> moved) throws ErrnoException {
        int highest = -1;
        for (Map.Entry<Integer, Source> entry : descriptors.entrySet()) {
            int fd = entry.getKey();
            for (int gap = highest + 1; gap < fd; gap++) {
                check("addclose", ADD_CLOSE.quiet(actions.address(), gap));
            }
            highest = fd;
            switch (entry.getValue()) {
                case Source.Opened(Path path, int flags) ->
                    check(
                            "addopen",
                            ADD_OPEN.quiet(
                                    actions.address(),
                                    fd,
                                    Native.string(arena, path.toString()).address(),
                                    flags,
                                    0));
                case Source.Copied(int own) -> {
                    int above = Fd.duplicate(own, ABOVE_ALL_TARGETS);
                    moved.add(above);
                    check("adddup2", ADD_DUP2.quiet(actions.address(), above, fd));
                }
            }
        }
        closeFrom(actions, highest + 1);
    }

    private static void closeFrom(MemorySegment actions, int first) throws ErrnoException {
        if (CLOSEFROM) {
            check("addclosefrom_np", CloseFrom.ADD.quiet(actions.address(), first));
            return;
        }
        Set<Integer> open = new TreeSet<>(Fd.openNumbers());
        int last = open.stream().max(Comparator.naturalOrder()).orElse(first) + 256;
        for (int fd = first; fd <= last; fd++) {
            check("addclose", ADD_CLOSE.quiet(actions.address(), fd));
        }
    }

    private static void defaultSignals(Arena arena, MemorySegment attributes) throws ErrnoException {
        // Not sigfillset(3): it spares the two signals glibc keeps for itself, which would reach the child ignored.
        MemorySegment all = arena.allocate(SIGSET_SIZE, 8).fill((byte) 0xff);
        MemorySegment none = arena.allocate(SIGSET_SIZE, 8);
        check("setsigdefault", ATTR_DEFAULT.quiet(attributes.address(), all.address()));
        check("setsigmask", ATTR_MASK.quiet(attributes.address(), none.address()));
        check("setflags", ATTR_FLAGS.quiet(attributes.address(), SETSIGDEF | SETSIGMASK | SETSID));
    }

    private List<String> entries() {
        List<String> entries = new ArrayList<>();
        environment.forEach((name, value) -> entries.add(name + "=" + value));
        return entries;
    }

    /** The posix_spawn family returns the error number instead of setting errno. */
    private static void check(String what, int error) throws ErrnoException {
        if (error != 0) {
            throw new ErrnoException(what, error);
        }
    }

    private static final class CloseFrom {
        static final Native.Call ADD = Native.bind("posix_spawn_file_actions_addclosefrom_np", 2);
    }
}
