package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The sockets that listen at one address, whoever opened them. A look reads the descriptors of the processes it is about, and takes about a millisecond: not
 * for the loop.
 *
 * @param inodes of the sockets
 */
public record ListeningSockets(Set<Long> inodes) {

    /** At {@code port}, whatever the address, v4 or v6. */
    public static ListeningSockets atPort(int port) {
        Set<Long> inodes = new HashSet<>();
        for (TcpSocket socket : TcpSockets.listening(other -> other == port)) {
            inodes.add(socket.inode());
        }
        return new ListeningSockets(inodes);
    }

    /** At the unix socket {@code file}; a program may have named it from its working folder. */
    public static ListeningSockets atFile(Path file) {
        Set<Long> inodes = new HashSet<>();
        UnixSockets.listening().forEach((inode, name) -> {
            if (name.startsWith("/")
                    ? name.equals(file.toString())
                    : !name.startsWith("@") && file.endsWith(Path.of(name).normalize())) {
                inodes.add(inode);
            }
        });
        return new ListeningSockets(inodes);
    }

    /** Whether one of {@code processes} has one of them open: it listens, where nobody handed it over. */
    public Sight heldBy(Collection<Integer> processes) {
        if (inodes.isEmpty()) {
            return Sight.NOT_YET;
        }
        SocketHolders holders = SocketHolders.among(processes, inodes);
        if (!holders.holders().isEmpty()) {
            return Sight.WAITS;
        }
        return holders.closed() > 0 ? Sight.HIDDEN : Sight.NOT_YET;
    }

    /** Whether one of {@code processes} waits for connections on one of them. */
    public Sight awaitedBy(Collection<Integer> processes) {
        return inodes.isEmpty() ? Sight.NOT_YET : Acceptors.HOST.waiting(processes, inodes);
    }
}
