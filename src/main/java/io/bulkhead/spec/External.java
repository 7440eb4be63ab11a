package io.bulkhead.spec;

import java.util.Optional;
import java.util.OptionalInt;

/**
 * Something that apps need and Bulkhead does not run, such as a database.
 *
 * @param address where it is reached; an empty host is this machine
 * @param process what its process is called, where that is written: somebody else on its address is not it
 * @param url how to ask it who is connected and who it is; empty: it is never asked
 * @param maxConnections how many it allows, where that is written; empty: as it says itself
 */
public record External(
        String name, Listen address, Optional<String> process, Optional<ServiceUrl> url, OptionalInt maxConnections) {

    /** One that is only waited for. */
    public External(String name, Listen address, Optional<String> process) {
        this(name, address, process, Optional.empty(), OptionalInt.empty());
    }
}
