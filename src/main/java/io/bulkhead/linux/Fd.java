package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What every descriptor has in common: read(2), write(2), close(2), fcntl(2). */
public final class Fd {

    static final Native.Call READ = Native.bind("read", 3);
    static final Native.Call WRITE = Native.bind("write", 3);
    private static final Native.Call CLOSE = Native.bind("close", 1);
    private static final Native.Call FCNTL = Native.bind("fcntl", 3);

    private static final int F_DUPFD_CLOEXEC = 1030;

    private Fd() {}

    /** Closes {@code fd}. Errors are not told: after close(2) the number is free whatever it returned. */
    public static void close(int fd) {
        CLOSE.quiet(fd);
    }

    /** The lowest free descriptor not below {@code atLeast} for the same open file, closed at exec. */
    static int duplicate(int fd, int atLeast) throws ErrnoException {
        return FCNTL.call("fcntl F_DUPFD_CLOEXEC " + fd, fd, F_DUPFD_CLOEXEC, atLeast);
    }

    /** Every descriptor this process has open just now. */
    static List<Integer> openNumbers() {
        List<Integer> numbers = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path entry : entries) {
                numbers.add(Integer.parseInt(entry.getFileName().toString()));
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return numbers;
    }
}
