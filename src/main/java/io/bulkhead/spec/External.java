package io.bulkhead.spec;

import java.util.Optional;

/**
 * Something that apps need and Bulkhead does not run, such as a database.
 *
 * @param address where it is reached; an empty host is this machine
 * @param process what its process is called, where that is written: somebody else on its address is not it
 */
public record External(String name, Listen address, Optional<String> process) {}
