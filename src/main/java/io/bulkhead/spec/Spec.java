package io.bulkhead.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Everything one configuration says, with every default filled in.
 *
 * @param server settings of the daemon itself
 * @param apps in the order of the files, by name
 * @param pools bytes of the compartments around several apps, by name
 * @param externals what the apps need and Bulkhead does not run, by name
 * @param portGuard what is done about strangers on declared ports
 * @param files the files it was read from, the main one first; empty for one that came over the socket
 */
public record Spec(
        ServerSpec server,
        Map<String, AppSpec> apps,
        Map<String, Long> pools,
        Map<String, External> externals,
        PortGuard portGuard,
        List<Path> files) {

    /** The same with other apps. */
    public Spec with(Map<String, AppSpec> others) {
        return new Spec(server, others, pools, externals, portGuard, files);
    }
}
