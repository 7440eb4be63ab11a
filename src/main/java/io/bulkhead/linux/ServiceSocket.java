package io.bulkhead.linux;

import java.util.List;

/**
 * One connection to a service, as the kernel sees it.
 *
 * @param service index of the service in the question
 * @param clientAddress the client's address, empty for a unix socket
 * @param clientPort the client's port, as the server knows it; 0 for a unix socket
 * @param state of the client's end, else of the server's: as in {@link TcpSocket}
 * @param quietMillis how long nothing has passed through it; -1 where the kernel does not tell
 * @param uid whom the client's end belongs to; -1: it is not on this host
 * @param clients processes that hold the client's end, by number; empty: elsewhere (another host, a container), or nobody may see
 * @param servers processes of this host that hold the server's end
 */
public record ServiceSocket(
        int service,
        String clientAddress,
        int clientPort,
        int state,
        long quietMillis,
        int uid,
        List<Integer> clients,
        List<Integer> servers) {

    public static final int CLOSE_WAIT = 8;

    /** Whether the server has closed it and the client has not. */
    public boolean leftOpen() {
        return state == CLOSE_WAIT;
    }
}
