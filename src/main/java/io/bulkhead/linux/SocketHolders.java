package io.bulkhead.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which processes hold which sockets: the links of {@code /proc/PID/fd}. One socket has several holders when it was inherited.
 *
 * @param pids by inode
 * @param closed processes whose descriptors we may not see: they belong to somebody else and we are not root
 */
record SocketHolders(Map<Long, List<Integer>> pids, int closed) {

    private static final Path PROC = Path.of("/proc");
    private static final String SOCKET = "socket:[";

    /** Reads the descriptors of every process, for the sockets {@code wanted}. */
    static SocketHolders of(Set<Long> wanted) {
        return wanted.isEmpty() ? new SocketHolders(Map.of(), 0) : among(Proc.HOST.pids(), wanted);
    }

    /** Reads the descriptors of {@code processes} alone. */
    static SocketHolders among(Collection<Integer> processes, Set<Long> wanted) {
        Map<Long, List<Integer>> holders = new HashMap<>();
        int closed = 0;
        for (int pid : processes) {
            closed += read(pid, wanted, holders) ? 0 : 1;
        }
        return new SocketHolders(holders, closed);
    }

    List<Integer> of(long inode) {
        return pids.getOrDefault(inode, List.of());
    }

    private static boolean read(int pid, Set<Long> wanted, Map<Long, List<Integer>> holders) {
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(PROC.resolve(pid + "/fd"))) {
            for (Path descriptor : descriptors) {
                long inode = socket(descriptor);
                if (inode != 0 && wanted.contains(inode)) {
                    List<Integer> pids = holders.computeIfAbsent(inode, i -> new ArrayList<>());
                    if (!pids.contains(pid)) {
                        pids.add(pid);
                    }
                }
            }
            return true;
        } catch (AccessDeniedException foreign) {
            return false;
        } catch (IOException | java.nio.file.DirectoryIteratorException gone) {
            return true;
        }
    }

    private static long socket(Path descriptor) {
        try {
            String link = Files.readSymbolicLink(descriptor).toString();
            return link.startsWith(SOCKET) ? Long.parseLong(link, SOCKET.length(), link.length() - 1, 10) : 0;
        } catch (IOException closedMeanwhile) {
            return 0;
        }
    }
}
