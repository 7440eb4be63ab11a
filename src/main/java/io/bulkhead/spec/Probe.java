package io.bulkhead.spec;

/** How a run is asked whether it is well. */
public sealed interface Probe {

    /**
     * @param target a path that begins with {@code /}, asked at the app's first address, or a whole URL that begins with {@code http://}
     * @param statusFrom the lowest code that is well
     * @param statusTo the highest
     */
    record Http(String target, int statusFrom, int statusTo) implements Probe {}

    /** Whether a connection succeeds; never to a socket that Bulkhead holds. */
    record Tcp(Listen address) implements Probe {}

    /** Whether a command ends with 0, run as the app's user and with its environment. */
    record Exec(AppSpec.Command command) implements Probe {}
}
