package io.bulkhead.linux;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.IntPredicate;

/** TCP sockets of this network namespace, IPv4 and IPv6; those of a container with a network of its own are not among them. */
public final class TcpSockets {

    private static final Path NET = Path.of("/proc/net");

    /** Columns of /proc/net/tcp (proc_net_tcp in the kernel's documentation). */
    private static final int LOCAL = 1;

    private static final int REMOTE = 2;
    private static final int STATE = 3;
    private static final int QUEUES = 4;
    private static final int UID = 7;
    private static final int INODE = 9;

    private TcpSockets() {}

    /** Those that listen. Costs about a millisecond. */
    public static List<TcpSocket> listening() {
        return listening(port -> true);
    }

    /** Those that listen on one of {@code ports}. Cheap however many others there are. */
    public static List<TcpSocket> listening(IntPredicate ports) {
        return in(1 << TcpSocket.LISTENING, ports);
    }

    /** Those that are connected, half closed ones and those without an owner too. */
    public static List<TcpSocket> connected() {
        return in(~(1 << TcpSocket.LISTENING), port -> true);
    }

    private static List<TcpSocket> in(int states, IntPredicate ports) {
        List<TcpSocket> sockets = new ArrayList<>();
        sockets.addAll(in(states, ports, SockDiag.AF_INET, "tcp"));
        sockets.addAll(in(states, ports, SockDiag.AF_INET6, "tcp6"));
        return sockets;
    }

    private static List<TcpSocket> in(int states, IntPredicate ports, int family, String table) {
        try {
            return SockDiag.tcp(family, states, ports);
        } catch (ErrnoException noNetlinkHere) {
            List<TcpSocket> sockets = table(ControlFile.read(NET.resolve(table)).orElse(""), states);
            sockets.removeIf(socket -> !ports.test(socket.port()));
            return sockets;
        }
    }

    /** The same from the text of /proc/net/tcp or tcp6, where a sandbox forbids netlink. It does not tell IPv6-only. */
    static List<TcpSocket> table(String text, int states) {
        List<TcpSocket> sockets = new ArrayList<>();
        for (String line : text.split("\n")) {
            String[] columns = line.strip().split(" +");
            if (columns.length <= INODE || columns[0].equals("sl")) {
                continue;
            }
            int state = Integer.parseInt(columns[STATE], 16);
            if ((states >> state & 1) == 1) {
                sockets.add(new TcpSocket(
                        address(columns[LOCAL]),
                        port(columns[LOCAL]),
                        address(columns[REMOTE]),
                        port(columns[REMOTE]),
                        state,
                        false,
                        Long.parseLong(columns[QUEUES].substring(columns[QUEUES].indexOf(':') + 1), 16),
                        Integer.parseInt(columns[UID]),
                        Long.parseLong(columns[INODE])));
            }
        }
        return sockets;
    }

    /** Printed as 32-bit words in the machine's own order. */
    private static InetAddress address(String column) {
        byte[] printed = HexFormat.of().parseHex(column, 0, column.indexOf(':'));
        ByteBuffer words = ByteBuffer.wrap(printed);
        ByteBuffer bytes = ByteBuffer.allocate(printed.length).order(ByteOrder.nativeOrder());
        while (words.hasRemaining()) {
            bytes.putInt(words.getInt());
        }
        return SockDiag.address(bytes, 0, printed.length);
    }

    private static int port(String column) {
        return Integer.parseInt(column.substring(column.indexOf(':') + 1), 16);
    }
}
