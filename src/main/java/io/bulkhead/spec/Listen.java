package io.bulkhead.spec;

/**
 * An address that an app serves.
 *
 * @param host a name or an address, IPv6 without brackets; empty for every address, v6 and v4, and for sockets that are files
 * @param port 1 to 65535; 0 for a file
 * @param path absolute; empty for a port
 * @param handover who opens the socket
 */
public record Listen(String host, int port, String path, Handover handover) {

    /** Who opens the socket: Bulkhead, which keeps it and hands it over, or the program. */
    public enum Handover {
        /** Bulkhead for Node and PHP-FPM, which take it unchanged; the program for all others. */
        AUTO,
        /** Bulkhead: the program reads LISTEN_FDS. */
        ALWAYS,
        /** The program. */
        NEVER
    }

    /** As it is written: {@code 3000}, {@code 127.0.0.1:3000}, {@code [::1]:3000} or a path. */
    public String text() {
        if (port == 0) {
            return path;
        }
        return host.isEmpty() ? Integer.toString(port) : (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
    }

    /** Whether one process at most can have both. */
    boolean clashes(Listen other) {
        boolean everywhere = host.isEmpty() || other.host.isEmpty();
        return port == other.port && path.equals(other.path) && (everywhere || host.equals(other.host));
    }

    Listen with(Handover other) {
        return new Listen(host, port, path, other);
    }
}
