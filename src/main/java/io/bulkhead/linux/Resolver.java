package io.bulkhead.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Names as the programs of this host resolve them: by the C library, in its order. Java's own order puts IPv4 first. */
public final class Resolver {

    private static final Native.Call GETADDRINFO = Native.bind("getaddrinfo", 4);
    private static final Native.Call FREEADDRINFO = Native.bind("freeaddrinfo", 1);

    /** struct addrinfo on the 64-bit Linux ABIs. */
    private static final int SIZE = 48;

    private static final int AI_SOCKTYPE = 8;
    private static final int AI_ADDR = 24;
    private static final int AI_NEXT = 40;
    private static final int SOCK_STREAM = 1;
    private static final int LARGEST_ADDRESS = 28;

    private Resolver() {}

    /** The addresses that clients try for {@code localhost}, in this order: of /etc/hosts, without a network. None where it is unknown. */
    public static List<InetAddress> localhost() {
        List<InetAddress> addresses = new ArrayList<>();
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment hints = arena.allocate(SIZE, 8);
            hints.set(ValueLayout.JAVA_INT, AI_SOCKTYPE, SOCK_STREAM);
            MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);
            if (GETADDRINFO.quiet(Native.string(arena, "localhost").address(), 0, hints.address(), result.address())
                    != 0) {
                return addresses;
            }
            long first = result.get(ValueLayout.JAVA_LONG, 0);
            for (long at = first; at != 0; ) {
                MemorySegment entry = MemorySegment.ofAddress(at).reinterpret(SIZE);
                long pointer = entry.get(ValueLayout.JAVA_LONG, AI_ADDR);
                if (pointer != 0) {
                    add(MemorySegment.ofAddress(pointer).reinterpret(LARGEST_ADDRESS), addresses);
                }
                at = entry.get(ValueLayout.JAVA_LONG, AI_NEXT);
            }
            FREEADDRINFO.quiet(first);
        }
        return addresses;
    }

    /** The addresses of this host that {@code host} means; none when it is elsewhere. */
    public static List<InetAddress> local(String host) {
        List<InetAddress> named = host.equals("localhost") ? localhost() : List.of();
        if (!named.isEmpty()) {
            return named;
        }
        if (host.isEmpty() || host.equals("localhost")) {
            return List.of(InetAddress.ofLiteral("127.0.0.1"), InetAddress.ofLiteral("::1"));
        }
        try {
            InetAddress address = InetAddress.ofLiteral(host);
            return address.isLoopbackAddress() || NetworkInterface.getByInetAddress(address) != null
                    ? List.of(address)
                    : List.of();
        } catch (IllegalArgumentException | SocketException aName) {
            return List.of();
        }
    }

    /** struct sockaddr_in: the address at 4; sockaddr_in6: at 8. */
    private static void add(MemorySegment address, List<InetAddress> addresses) {
        short family = address.get(ValueLayout.JAVA_SHORT, 0);
        boolean six = family == SockDiag.AF_INET6;
        if (six || family == SockDiag.AF_INET) {
            byte[] bytes = address.asSlice(six ? 8 : 4, six ? 16 : 4).toArray(ValueLayout.JAVA_BYTE);
            InetAddress found =
                    SockDiag.address(java.nio.ByteBuffer.wrap(bytes).order(ByteOrder.BIG_ENDIAN), 0, bytes.length);
            if (!addresses.contains(found)) {
                addresses.add(found);
            }
        }
    }
}
