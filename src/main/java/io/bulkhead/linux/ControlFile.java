package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Files of /sys/fs/cgroup and /proc: short texts whose write either takes effect or says why not. */
final class ControlFile {

    private static final Native.Call OPEN = Native.bind("open", 3);
    private static final Native.Call RMDIR = Native.bind("rmdir", 1);
    private static final int BLOCK = 4096;
    private static final int O_RDONLY_CLOEXEC = 0x80000;
    private static final int O_WRONLY_TRUNC_CLOEXEC = 1 | 0x200 | 0x80000;

    private ControlFile() {}

    /** Writes {@code value} in one write(2); the error carries the kernel's number. */
    static void write(Path file, String value) throws ErrnoException {
        String what = "write " + value + " to " + file;
        try (Arena arena = Arena.ofConfined()) {
            int fd = OPEN.call(what, Native.string(arena, file.toString()).address(), O_WRONLY_TRUNC_CLOEXEC, 0);
            try {
                byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
                MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
                Fd.WRITE.call(what, fd, data.address(), bytes.length);
            } finally {
                Fd.close(fd);
            }
        }
    }

    /** Like {@link #write}, and false where this kernel does not have the file or does not allow it. */
    static boolean tryWrite(Path file, String value) {
        try {
            write(file, value);
            return true;
        } catch (ErrnoException notHere) {
            return false;
        }
    }

    static void writeIfThere(Path file, String value) throws ErrnoException {
        try {
            write(file, value);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.ENOENT) {
                throw e;
            }
        }
    }

    /** Its text without the line end; empty where there is no such file. */
    static Optional<String> read(Path file) {
        try {
            return Optional.of(text(file).strip());
        } catch (ErrnoException notHere) {
            return Optional.empty();
        }
    }

    /** Its text as it is, a character for each byte. Four calls of the kernel, where java.nio takes a dozen objects besides. */
    static String text(Path file) throws ErrnoException {
        String what = "read " + file;
        try (Arena arena = Arena.ofConfined()) {
            int fd = OPEN.call(what, Native.string(arena, file.toString()).address(), O_RDONLY_CLOEXEC, 0);
            try {
                MemorySegment block = arena.allocate(BLOCK);
                StringBuilder text = new StringBuilder();
                while (true) {
                    int read = Fd.READ.call(what, fd, block.address(), BLOCK);
                    if (read == 0) {
                        return text.toString();
                    }
                    byte[] bytes = block.asSlice(0, read).toArray(ValueLayout.JAVA_BYTE);
                    text.append(new String(bytes, StandardCharsets.ISO_8859_1));
                }
            } finally {
                Fd.close(fd);
            }
        }
    }

    /** A single number; empty for {@code max} or where there is no such file. */
    static OptionalLong number(Path file) {
        Optional<String> text = read(file);
        return text.isPresent() ? parse(text.get()) : OptionalLong.empty();
    }

    /** The number behind {@code key} in a file of {@code key number} lines; 0 where it is missing. */
    static long keyed(String text, String key) {
        for (int at = 0; at < text.length(); ) {
            int end = text.indexOf('\n', at);
            end = end < 0 ? text.length() : end;
            if (text.startsWith(key, at) && at + key.length() < end && text.charAt(at + key.length()) == ' ') {
                return parse(text.substring(at + key.length() + 1, end).strip()).orElse(0);
            }
            at = end + 1;
        }
        return 0;
    }

    /** Process numbers, one a line; none where the group is gone. */
    static List<Integer> pids(Path file) throws IOException {
        List<Integer> pids = new ArrayList<>();
        try {
            String text = text(file);
            for (int at = 0, end = text.indexOf('\n'); end >= 0; at = end + 1, end = text.indexOf('\n', at)) {
                int pid = Integer.parseInt(text, at, end, 10);
                // 0 stands for a process outside our pid namespace, which we can neither name nor signal.
                if (pid > 0) {
                    pids.add(pid);
                }
            }
        } catch (ErrnoException e) {
            // A group removed between open and read answers ENODEV.
            if (!Files.exists(file)) {
                return List.of();
            }
            throw e;
        }
        return pids;
    }

    /** Removes a group. False while it is busy: a process in it has not quite ended. True where it is gone already. */
    static boolean remove(Path group) throws ErrnoException {
        try (Arena arena = Arena.ofConfined()) {
            if (RMDIR.quiet(Native.string(arena, group.toString()).address()) == 0) {
                return true;
            }
        }
        return switch (Native.lastErrno()) {
            case Errno.ENOENT -> true;
            case Errno.EBUSY -> false;
            default -> throw new ErrnoException("rmdir " + group, Native.lastErrno());
        };
    }

    private static OptionalLong parse(String text) {
        try {
            return OptionalLong.of(Long.parseLong(text));
        } catch (NumberFormatException notANumber) {
            return OptionalLong.empty();
        }
    }
}
