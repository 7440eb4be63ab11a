package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import io.bulkhead.linux.Errno;
import io.bulkhead.linux.ErrnoException;
import io.bulkhead.spec.Listen;
import java.io.IOException;
import java.net.UnknownHostException;

/** Why an address cannot be listened on, apart from {@link AddressTaken}. */
final class ListenRefusals {

    private ListenRefusals() {}

    static Refusal of(Listen address, IOException failed) {
        String listen = "listen " + address.text() + ": ";
        if (failed instanceof UnknownHostException) {
            return refusal(
                    listen + "no address is known for " + address.host(),
                    "write an address of this machine, or the port alone");
        }
        if (failed instanceof java.nio.file.AccessDeniedException denied) {
            return refusal(listen + denied.getFile() + ": permission denied", "choose a folder that exists");
        }
        int errno = failed instanceof ErrnoException error ? error.errno() : 0;
        return switch (errno) {
            case Errno.EADDRNOTAVAIL ->
                refusal(
                        listen + "this machine has no address " + address.host() + " just now",
                        "look with: ip address; or write the port alone");
            case Errno.EACCES, Errno.EPERM ->
                address.port() == 0
                        ? refusal(listen + "permission denied in its folder", "choose a folder of the daemon's user")
                        : refusal(
                                listen + "only root may open a port below net.ipv4.ip_unprivileged_port_start",
                                "run the daemon as root, or choose a port of 1024 or more");
            case Errno.EMFILE, Errno.ENFILE ->
                refusal(
                        listen + "no descriptor is left ("
                                + (errno == Errno.EMFILE ? "the daemon's own limit, ulimit -n" : "the machine's limit")
                                + ")",
                        errno == Errno.EMFILE
                                ? "raise it: LimitNOFILE= in the unit, or ulimit -n before the daemon starts"
                                : "raise fs.file-max");
            case Errno.EEXIST ->
                refusal(listen + "the file exists and is no socket", "move it away, or choose another path");
            default -> refusal(listen + failed.getMessage(), "");
        };
    }

    private static Refusal refusal(String message, String hint) {
        return new Refusal("listen", message, hint);
    }
}
