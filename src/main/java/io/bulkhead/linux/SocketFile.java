package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A listening socket that is a file (unix(7)). Some programs remove the file when they end, also of a socket they were given (PHP-FPM on SIGTERM): it has a
 * second, hidden name beside it, so that {@link #mend} can put it back.
 */
public final class SocketFile {

    private static final Native.Call SOCKET = Native.bind("socket", 3);
    private static final Native.Call BIND = Native.bind("bind", 3);
    private static final Native.Call CONNECT = Native.bind("connect", 3);
    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call CHMOD = Native.bind("chmod", 2);
    private static final Native.Call CHOWN = Native.bind("chown", 3);

    private static final int O_PATH_NOFOLLOW_CLOEXEC = 0x200000 | noFollow() | 0x80000;
    private static final int SOCK_NONBLOCK = 0x800;
    private static final int SIZE = 110;
    private static final int S_IFMT = 0170000;
    private static final int S_IFSOCK = 0140000;

    private SocketFile() {}

    /**
     * Makes it and listens. Missing folders are made with mode 0755, as systemd does (systemd.socket(5), DirectoryMode=); a socket file that nobody
     * listens on any more is replaced.
     *
     * @param path of at most 107 bytes
     * @param mode permission bits; who may not write cannot connect
     * @param uid its owner, empty: who we are
     * @param gid its group likewise
     * @throws ErrnoException {@link Errno#EADDRINUSE} when somebody listens there, {@link Errno#EEXIST} when the file is no socket, else what
     *     the kernel says
     */
    public static ListenSocket listen(Path path, int mode, OptionalInt uid, OptionalInt gid) throws IOException {
        if (path.getParent() != null) {
            Files.createDirectories(
                    path.getParent(),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
        makeWay(path);
        int fd = SOCKET.call("socket", ListenSocket.AF_UNIX, ListenSocket.SOCK_STREAM_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            BIND.call("bind " + path, fd, address(arena, path).address(), SIZE);
            own(path, mode, uid, gid);
            Files.createLink(hidden(path), path);
        } catch (IOException refused) {
            Fd.close(fd);
            throw refused;
        }
        return new ListenSocket(ListenSocket.listening(fd, "listen on " + path));
    }

    /** Removes a socket file that nobody listens on; throws as {@link #listen} does where it must stay. */
    public static void makeWay(Path path) throws IOException {
        for (Path name : List.of(path, hidden(path))) {
            OptionalInt mode = mode(name);
            if (mode.isEmpty()) {
                continue;
            }
            if ((mode.getAsInt() & S_IFMT) != S_IFSOCK) {
                throw new ErrnoException("bind " + name, Errno.EEXIST);
            }
            if (isServed(name)) {
                throw new ErrnoException("bind " + name, Errno.EADDRINUSE);
            }
            Files.deleteIfExists(name);
        }
    }

    /**
     * Puts the file of a socket that lives back where somebody has removed it.
     *
     * @return false when that cannot be done: nobody can connect to the socket any more
     */
    public static boolean mend(Path path) {
        try {
            if (mode(path).isEmpty()) {
                Files.createLink(path, hidden(path));
            }
            return true;
        } catch (IOException both) {
            return false;
        }
    }

    private static Path hidden(Path path) {
        return path.resolveSibling("." + path.getFileName() + ".bulkhead");
    }

    private static OptionalInt mode(Path path) throws IOException {
        try {
            return OptionalInt.of((int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS));
        } catch (NoSuchFileException free) {
            return OptionalInt.empty();
        }
    }

    /** Whether a socket is behind the file: only then the kernel does not refuse a connection at once. Whoever listens sees one come and go. */
    private static boolean isServed(Path path) throws ErrnoException {
        int file = look(path);
        int fd = SOCKET.call("socket", ListenSocket.AF_UNIX, ListenSocket.SOCK_STREAM_CLOEXEC | SOCK_NONBLOCK, 0);
        try (Arena arena = Arena.ofConfined()) {
            // The path itself may be longer than an address can be.
            return CONNECT.quiet(fd, address(arena, seen(file)).address(), SIZE) >= 0
                    || Native.lastErrno() != Errno.ECONNREFUSED;
        } finally {
            Fd.close(fd);
            Fd.close(file);
        }
    }

    /** A descriptor that stands for the file, whatever its name becomes. */
    private static int look(Path path) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            return OPEN.call(
                    "open " + path, Native.string(arena, path.toString()).address(), O_PATH_NOFOLLOW_CLOEXEC, 0);
        }
    }

    private static Path seen(int file) {
        return Path.of("/proc/self/fd/" + file);
    }

    private static int number(Map<String, Object> facts, String name) {
        return facts.get(name) instanceof Number number ? number.intValue() : -1;
    }

    /**
     * Gives the file its owner and mode. In a folder of another user it may have been exchanged meanwhile, so it is looked at through a
     * descriptor: a socket with one name, made by us.
     */
    private static void own(Path path, int mode, OptionalInt uid, OptionalInt gid) throws IOException {
        int file = look(path);
        try (Arena arena = Arena.ofConfined()) {
            Map<String, Object> facts = Files.readAttributes(seen(file), "unix:mode,nlink,uid");
            if ((number(facts, "mode") & S_IFMT) != S_IFSOCK
                    || number(facts, "nlink") != 1
                    || number(facts, "uid") != Users.effectiveUser()) {
                throw new ErrnoException("bind " + path + ", which somebody has exchanged", Errno.EEXIST);
            }
            MemorySegment name = Native.string(arena, seen(file).toString());
            CHMOD.call("chmod " + path, name.address(), mode);
            if (uid.isPresent() || gid.isPresent()) {
                CHOWN.call("chown " + path, name.address(), uid.orElse(-1), gid.orElse(-1));
            }
        } finally {
            Fd.close(file);
        }
    }

    private static MemorySegment address(Arena arena, Path path) {
        byte[] bytes = path.toString().getBytes(StandardCharsets.UTF_8);
        if (bytes.length > SIZE - 3) {
            throw new IllegalArgumentException(path + " is too long for a socket");
        }
        MemorySegment name = arena.allocate(SIZE, 8);
        name.set(ValueLayout.JAVA_SHORT, 0, (short) ListenSocket.AF_UNIX);
        MemorySegment.copy(bytes, 0, name, ValueLayout.JAVA_BYTE, 2, bytes.length);
        return name;
    }

    /** The one flag here that is not the same on all architectures (asm/fcntl.h). */
    private static int noFollow() {
        return System.getProperty("os.arch", "").startsWith("aarch64") ? 0x8000 : 0x20000;
    }
}
