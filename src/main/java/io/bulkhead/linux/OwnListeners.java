package io.bulkhead.linux;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/** Whether one of some processes listens at an address that it opened itself. Reads their descriptors only where somebody listens there. */
public final class OwnListeners {

    private OwnListeners() {}

    /** At {@code port}, whatever the address, v4 or v6. */
    public static Sight atPort(Collection<Integer> processes, int port) {
        Set<Long> sockets = new HashSet<>();
        for (TcpSocket socket : TcpSockets.listening()) {
            if (socket.port() == port) {
                sockets.add(socket.inode());
            }
        }
        return held(processes, sockets);
    }

    /** At the unix socket {@code file}; a program may have named it from its working folder. */
    public static Sight atFile(Collection<Integer> processes, Path file) {
        Set<Long> sockets = new HashSet<>();
        UnixSockets.listening().forEach((inode, name) -> {
            if (name.startsWith("/")
                    ? name.equals(file.toString())
                    : !name.startsWith("@") && file.endsWith(Path.of(name).normalize())) {
                sockets.add(inode);
            }
        });
        return held(processes, sockets);
    }

    private static Sight held(Collection<Integer> processes, Set<Long> sockets) {
        if (sockets.isEmpty()) {
            return Sight.NOT_YET;
        }
        SocketHolders holders = SocketHolders.among(processes, sockets);
        if (!holders.pids().isEmpty()) {
            return Sight.WAITS;
        }
        return holders.closed() > 0 ? Sight.HIDDEN : Sight.NOT_YET;
    }
}
