package io.bulkhead.linux;

import java.util.List;
import java.util.OptionalInt;

/**
 * A socket that listens, and who holds it.
 *
 * @param address {@code 127.0.0.1}, {@code ::}, or the name of a unix socket
 * @param port 0 for a unix socket
 * @param v6Only an IPv6 socket that takes no IPv4 connections; false also where the kernel does not tell
 * @param uid whose it is; empty for a unix socket
 * @param holders the oldest first; none where we may not see them, or where the kernel itself or another pid namespace holds it
 */
public record Listener(
        Family family,
        String address,
        int port,
        boolean v6Only,
        OptionalInt uid,
        long inode,
        List<ProcessFacts> holders) {

    public enum Family {
        IPV4,
        IPV6,
        UNIX
    }

    /** {@code 127.0.0.1:5432}, {@code [::1]:5432} or {@code /run/php/php-fpm.sock}. */
    public String place() {
        return switch (family) {
            case IPV4 -> address + ":" + port;
            case IPV6 -> "[" + address + "]:" + port;
            case UNIX -> address;
        };
    }

    /** Who holds it, for a message: {@code node (pid 4711, user mira, since …)}, or why nobody can be named. */
    public String holderWords() {
        if (!holders.isEmpty()) {
            return holders.getFirst().words();
        }
        String user = uid.isEmpty() ? "" : " of user " + ProcessFacts.userName(uid.getAsInt());
        return Users.effectiveUser() == 0
                ? "a process" + user + " outside of what can be seen here (the kernel, or another container)"
                : "a process" + user + " whose descriptors only root may see";
    }
}
