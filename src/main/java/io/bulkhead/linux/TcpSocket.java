package io.bulkhead.linux;

import java.net.Inet6Address;
import java.net.InetAddress;

/**
 * One TCP socket of this network namespace. An IPv4 peer of an IPv6 socket has the IPv4 address it really has.
 *
 * @param port 1 to 65535; 0 for one that is bound to nothing
 * @param peer all zero for a listening one
 * @param state as in the kernel (net/tcp_states.h): 1 established, 8 close-wait, 10 listening
 * @param v6Only listening on IPv6 alone; false also where the kernel does not tell
 * @param backlog connections that wait to be accepted, of a listening one; bytes unread of another
 * @param uid whom it belongs to
 * @param inode what {@code /proc/PID/fd/N} calls {@code socket:[inode]}; 0 when no process holds it any more
 */
public record TcpSocket(
        InetAddress address,
        int port,
        InetAddress peer,
        int peerPort,
        int state,
        boolean v6Only,
        long backlog,
        int uid,
        long inode) {

    public static final int ESTABLISHED = 1;
    public static final int CLOSE_WAIT = 8;
    public static final int LISTENING = 10;

    public boolean v6() {
        return address instanceof Inet6Address;
    }

    /** {@code 127.0.0.1} or, shortened as in RFC 5952, {@code ::1}. */
    public static String text(InetAddress address) {
        if (!(address instanceof Inet6Address)) {
            return address.getHostAddress();
        }
        byte[] bytes = address.getAddress();
        int[] groups = new int[8];
        for (int i = 0; i < groups.length; i++) {
            groups[i] = (bytes[2 * i] & 0xff) << 8 | bytes[2 * i + 1] & 0xff;
        }
        int from = 0;
        int longest = 1;
        for (int i = 0; i < groups.length; i++) {
            int end = i;
            while (end < groups.length && groups[end] == 0) {
                end++;
            }
            if (end - i > longest) {
                from = i;
                longest = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < groups.length; i++) {
            if (longest > 1 && i == from) {
                text.append("::");
                i += longest - 1;
            } else {
                if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                    text.append(':');
                }
                text.append(Integer.toHexString(groups[i]));
            }
        }
        return text.toString();
    }
}
