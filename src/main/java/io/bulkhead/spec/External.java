package io.bulkhead.spec;

import java.util.Optional;

/**
 * Something that apps need and Bulkhead does not run, such as a database.
 *
 * @param host empty for this machine, and for a socket that is a file; IPv6 in brackets
 * @param port 0 for a file
 * @param path empty for a port
 * @param process what its process is called, where that is written: somebody else on its address is not it
 */
public record External(String name, String host, int port, String path, Optional<String> process) {

    /** {@code 127.0.0.1:5432}, {@code port 5432} or {@code /run/mysqld/mysqld.sock}. */
    public String place() {
        return port == 0 ? path : host.isEmpty() ? "port " + port : host + ":" + port;
    }
}
