package io.bulkhead.api;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;

/** Tells who is at the other end of a unix socket: unix(7), SO_PEERCRED, the credentials at the time of connect(2). */
final class Peers {

    private static final Control.Peer UNKNOWN = new Control.Peer("unknown", false);

    private final UserPrincipal own;
    private final UserPrincipal root;

    private Peers(UserPrincipal own, UserPrincipal root) {
        this.own = own;
        this.root = root;
    }

    /** @param socket a file that this process has just made: its owner is the daemon's own user */
    static Peers of(Path socket) throws IOException {
        // Principals compare by number. A number is looked up as itself where no name is known for it.
        UserPrincipal root =
                socket.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("0");
        return new Peers(Files.getOwner(socket, LinkOption.NOFOLLOW_LINKS), root);
    }

    Control.Peer of(SocketChannel channel) {
        try {
            UnixDomainPrincipal peer = channel.getOption(ExtendedSocketOptions.SO_PEERCRED);
            return new Control.Peer(
                    peer.user().getName(),
                    peer.user().equals(own) || peer.user().equals(root));
        } catch (IOException | UnsupportedOperationException e) {
            return UNKNOWN;
        }
    }
}
