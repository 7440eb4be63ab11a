package io.bulkhead.guard;

import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.ProcessFacts;
import io.bulkhead.linux.Resolver;
import io.bulkhead.linux.TcpSocket;
import io.bulkhead.spec.External;
import io.bulkhead.spec.Listen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Whether an external is there, and who it is. One on this host is looked up among the sockets that listen, without connecting to it: MySQL counts connections that
 * say nothing, and locks their host out in the end. Only one that is elsewhere is connected to.
 */
public final class ExternalLook {

    private static final int CONNECT_MILLIS = 1_000;

    /** For a port of this host that nobody seems to listen on: a container's, passed on by the packet filter. */
    private static final int LOCAL_CONNECT_MILLIS = 300;

    /**
     * @param away whether it cannot be reached, or is somebody else
     * @param words why, or who it is
     * @param connected whether it was connected to
     * @param sockets inodes of all that listen on its port here
     */
    public record Sight(boolean away, String words, boolean connected, Set<Long> sockets) {

        public static Sight away(String words) {
            return new Sight(true, words, false, Set.of());
        }

        public static Sight connected(boolean away, String words) {
            return new Sight(away, words, true, Set.of());
        }
    }

    private ExternalLook() {}

    /** May wait a second for each that is elsewhere: not on the loop. @param listening {@code TcpSockets.listening()} */
    public static Sight at(External external, List<TcpSocket> listening) {
        Listen address = external.address();
        if (address.port() == 0) {
            return file(external);
        }
        List<InetAddress> local = Resolver.local(address.host());
        if (local.isEmpty()) {
            return connect(address.host(), address, CONNECT_MILLIS);
        }
        List<TcpSocket> found = covering(listening, local, address.port());
        if (found.isEmpty()) {
            String host = TcpSocket.text(local.getFirst());
            Sight passedOn = connect(host, address, LOCAL_CONNECT_MILLIS);
            return passedOn.away() ? Sight.away("nobody listens on " + place(address)) : passedOn;
        }
        return external.process().isEmpty()
                ? new Sight(false, "", false, onPort(listening, address.port()))
                : identified(external, found, onPort(listening, address.port()));
    }

    private static String place(Listen address) {
        return (address.host().isEmpty() ? "port " : "") + address.text();
    }

    public static Set<Long> onPort(List<TcpSocket> listening, int port) {
        Set<Long> inodes = new HashSet<>();
        for (TcpSocket socket : listening) {
            if (socket.port() == port) {
                inodes.add(socket.inode());
            }
        }
        return inodes;
    }

    /** Those that take a connection to one of {@code addresses}, in the order of these. */
    static List<TcpSocket> covering(List<TcpSocket> listening, List<InetAddress> addresses, int port) {
        List<TcpSocket> found = new ArrayList<>();
        for (InetAddress address : addresses) {
            for (TcpSocket socket : listening) {
                if (socket.port() == port && takes(socket, address) && !found.contains(socket)) {
                    found.add(socket);
                }
            }
        }
        return found;
    }

    static boolean takes(TcpSocket socket, InetAddress address) {
        boolean six = address instanceof java.net.Inet6Address;
        return socket.address().equals(address)
                || socket.address().isAnyLocalAddress() && (socket.v6() ? six || !socket.v6Only() : !six);
    }

    /** Every socket that a client may reach must be its own: which of two a client gets is the resolver's choice. */
    private static Sight identified(External external, List<TcpSocket> found, Set<Long> sockets) {
        String process = external.process().orElseThrow();
        for (Listener listener : Listeners.find(external.address().port())) {
            boolean reached = found.stream().anyMatch(socket -> socket.inode() == listener.inode());
            if (reached && !listener.holders().isEmpty() && !isCalled(listener, process)) {
                return new Sight(
                        true,
                        listener.place() + " belongs to "
                                + listener.holders().getFirst().words() + ", not to " + process,
                        false,
                        sockets);
            }
        }
        return new Sight(false, "", false, sockets);
    }

    public static boolean isCalled(Listener listener, String process) {
        for (ProcessFacts holder : listener.holders()) {
            if (holder.isCalled(process)) {
                return true;
            }
        }
        return false;
    }

    private static Sight file(External external) {
        String path = external.address().path();
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(Path.of(path)));
        } catch (IOException | IllegalArgumentException refused) {
            return Sight.away("nobody listens on " + path + " (" + refused.getMessage() + ")");
        }
        for (Listener listener : external.process().isEmpty() ? List.<Listener>of() : Listeners.find(path)) {
            String process = external.process().orElseThrow();
            if (!listener.holders().isEmpty() && !isCalled(listener, process)) {
                return Sight.away(
                        path + " belongs to " + listener.holders().getFirst().words() + ", not to " + process);
            }
        }
        return Sight.connected(false, "");
    }

    private static Sight connect(String host, Listen address, int millis) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(host, address.port()), millis);
            return Sight.connected(false, "");
        } catch (java.net.UnknownHostException unknown) {
            return Sight.connected(true, address.text() + ": no such host");
        } catch (IOException refused) {
            return Sight.connected(true, address.text() + " cannot be reached: " + refused.getMessage());
        }
    }
}
