package io.bulkhead.linux;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * A stream socket that listens, to be handed to programs. As those of systemd it blocks, since a program that accepts without asking
 * first would fail on one that does not (systemd.socket(5), NonBlocking=; Node sets what it needs itself). The flag belongs to the socket that all its holders
 * share (fcntl(2)), so it is never changed later. The queue of connections nobody has accepted is as long as the kernel allows (net.core.somaxconn):
 * they may have to wait for a program's next start.
 */
public final class ListenSocket implements AutoCloseable {

    private static final Native.Call SOCKET = Native.bind("socket", 3);
    private static final Native.Call BIND = Native.bind("bind", 3);
    private static final Native.Call LISTEN = Native.bind("listen", 2);
    private static final Native.Call SETSOCKOPT = Native.bind("setsockopt", 5);

    static final int AF_UNIX = 1;
    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
    private static final int SOL_SOCKET = 1;
    private static final int SO_REUSEADDR = 2;
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    /** struct sockaddr_in and sockaddr_in6 (ip(7), ipv6(7)). */
    private static final int SIZE_V4 = 16;

    private static final int SIZE_V6 = 28;
    private static final ValueLayout.OfShort NETWORK_SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);

    private final int fd;

    ListenSocket(int fd) {
        this.fd = fd;
    }

    /**
     * Listens on a TCP port.
     *
     * @param address empty: every address, of IPv6 and IPv4 in one socket as Node does it, of IPv4 alone where the host has no IPv6
     * @param port 1 to 65535
     * @throws ErrnoException {@link Errno#EADDRINUSE} when somebody listens there, {@link Errno#EADDRNOTAVAIL} when the host does not have the
     *     address, {@link Errno#EACCES} for a port that only root may open, {@link Errno#EMFILE} at the limit of descriptors
     */
    public static ListenSocket tcp(Optional<InetAddress> address, int port) throws ErrnoException {
        return new ListenSocket(listening(bound(address, port), "listen on port " + port));
    }

    /** Throws what {@link #tcp} would; nothing is seen from outside: a socket that does not listen refuses connections as none does. */
    public static void tryTcp(Optional<InetAddress> address, int port) throws ErrnoException {
        Fd.close(bound(address, port));
    }

    private static int bound(Optional<InetAddress> address, int port) throws ErrnoException {
        if (address.isPresent()) {
            return bound(address.get().getAddress(), scope(address.get()), port, address.get() instanceof Inet6Address);
        }
        try {
            return bound(new byte[16], 0, port, false);
        } catch (ErrnoException withoutIpv6) {
            // Not built in, or turned off: by ipv6.disable=1, or for this address alone by disable_ipv6=1.
            if (withoutIpv6.errno() != Errno.EAFNOSUPPORT && withoutIpv6.errno() != Errno.EADDRNOTAVAIL) {
                throw withoutIpv6;
            }
            return bound(new byte[4], 0, port, false);
        }
    }

    private static int scope(InetAddress address) {
        return address instanceof Inet6Address six ? six.getScopeId() : 0;
    }

    private static int bound(byte[] address, int scope, int port, boolean onlySix) throws ErrnoException {
        boolean six = address.length == 16;
        String what = "bind port " + port;
        int fd = SOCKET.call("socket", six ? AF_INET6 : AF_INET, SOCK_STREAM_CLOEXEC, 0);
        try (Arena arena = Arena.ofConfined()) {
            // Connections of former programs in TIME_WAIT do not matter; somebody who listens still does.
            set(arena, fd, SOL_SOCKET, SO_REUSEADDR, 1);
            if (six) {
                set(arena, fd, IPPROTO_IPV6, IPV6_V6ONLY, onlySix ? 1 : 0);
            }
            MemorySegment name = arena.allocate(SIZE_V6, 8);
            name.set(ValueLayout.JAVA_SHORT, 0, (short) (six ? AF_INET6 : AF_INET));
            name.set(NETWORK_SHORT, 2, (short) port);
            MemorySegment.copy(address, 0, name, ValueLayout.JAVA_BYTE, six ? 8 : 4, address.length);
            if (six) {
                name.set(ValueLayout.JAVA_INT, 24, scope);
            }
            BIND.call(what, fd, name.address(), six ? SIZE_V6 : SIZE_V4);
            return fd;
        } catch (ErrnoException refused) {
            Fd.close(fd);
            throw refused;
        }
    }

    private static void set(Arena arena, int fd, int level, int option, int value) throws ErrnoException {
        MemorySegment on = arena.allocateFrom(ValueLayout.JAVA_INT, value);
        SETSOCKOPT.call("setsockopt " + option, fd, level, option, on.address(), Integer.BYTES);
    }

    /** Makes {@code fd} listen, or closes it. */
    static int listening(int fd, String what) throws ErrnoException {
        try {
            LISTEN.call(what, fd, Integer.MAX_VALUE);
            return fd;
        } catch (ErrnoException refused) {
            Fd.close(fd);
            throw refused;
        }
    }

    /**
     * Another descriptor for a socket that {@code holder} has under {@code number}: pidfd_getfd(2), kernel 5.6.
     *
     * @throws ErrnoException {@link Errno#EPERM} where we may not trace it (Yama, another user), {@link Errno#EBADF} when it has none there
     */
    public static ListenSocket takenFrom(Pidfd holder, int number) throws ErrnoException {
        return new ListenSocket(holder.descriptor(number));
    }

    /** To hand on to a child; closing this object does not take it from the child. */
    public int fd() {
        return fd;
    }

    /** Closes this process's copy. Nobody listens any more when the last copy is closed. */
    @Override
    public void close() {
        Fd.close(fd);
    }

    @Override
    public String toString() {
        return "socket " + fd;
    }

    /** Which socket it is, the same for all its descriptors in all processes: its number in /proc/net. */
    public Optional<String> inode() {
        try {
            String link = java.nio.file.Files.readSymbolicLink(java.nio.file.Path.of("/proc/self/fd/" + fd))
                    .toString();
            return link.startsWith("socket:[") ? Optional.of(link.substring(8, link.length() - 1)) : Optional.empty();
        } catch (IOException notOpen) {
            return Optional.empty();
        }
    }
}
