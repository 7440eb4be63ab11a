package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/** What a process has open, counted (proc(5), /proc/PID/fd). */
public final class Descriptors {

    private Descriptors() {}

    /**
     * How many descriptors {@code pid} has open. Since Linux 6.2 one stat(2); before, its list is read.
     *
     * @return empty where it has gone, or is another user's
     */
    public static OptionalInt count(int pid) {
        Path folder = Path.of("/proc", Integer.toString(pid), "fd");
        try {
            long size = Files.readAttributes(folder, BasicFileAttributes.class).size();
            if (size > 0) {
                return OptionalInt.of((int) size);
            }
            int count = 0;
            try (DirectoryStream<Path> all = Files.newDirectoryStream(folder)) {
                for (Path each : all) {
                    count += each.getFileName() == null ? 0 : 1;
                }
            }
            return OptionalInt.of(count);
        } catch (IOException goneOrForeign) {
            return OptionalInt.empty();
        }
    }

    /** Its soft limit of open descriptors; empty where there is none or it cannot be read. */
    public static OptionalInt limit(int pid) {
        String limits = ControlFile.read(Path.of("/proc", Integer.toString(pid), "limits"))
                .orElse("");
        int at = limits.indexOf("Max open files");
        if (at < 0) {
            return OptionalInt.empty();
        }
        String[] words =
                limits.substring(at + "Max open files".length()).strip().split(" +", 2);
        try {
            return OptionalInt.of(Integer.parseInt(words[0]));
        } catch (NumberFormatException unlimited) {
            return OptionalInt.empty();
        }
    }

    /**
     * What the sockets of a process are.
     *
     * @param all sockets of every kind
     * @param accepted connections of clients to a port that it listens on
     * @param opened connections that it made itself
     * @param closeWait connections that the other end has closed, and it has not
     */
    public record Sockets(int all, int accepted, int opened, int closeWait) {}

    /** Looks at each of its sockets; some milliseconds. */
    public static Sockets sockets(int pid) {
        Set<Long> inodes = new HashSet<>();
        try (DescriptorLinks links = new DescriptorLinks()) {
            links.sockets(pid, (number, inode) -> inodes.add(inode));
        }
        Set<Integer> served = new HashSet<>();
        for (TcpSocket socket : TcpSockets.listening()) {
            if (inodes.contains(socket.inode())) {
                served.add(socket.port());
            }
        }
        int accepted = 0;
        int opened = 0;
        int closeWait = 0;
        for (TcpSocket socket : TcpSockets.connected()) {
            if (inodes.contains(socket.inode())) {
                if (socket.state() == TcpSocket.CLOSE_WAIT) {
                    closeWait++;
                } else if (served.contains(socket.port())) {
                    accepted++;
                } else {
                    opened++;
                }
            }
        }
        return new Sockets(inodes.size(), accepted, opened, closeWait);
    }
}
