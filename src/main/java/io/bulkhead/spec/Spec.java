package io.bulkhead.spec;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Everything one configuration says, with every default filled in.
 *
 * @param server settings of the daemon itself
 * @param apps in the order of the files, by name
 * @param pools bytes of the compartments around several apps, by name
 * @param externals names of what the apps need and Bulkhead does not run
 * @param files the files it was read from, the main one first; empty for one that came over the socket
 */
public record Spec(
        ServerSpec server,
        Map<String, AppSpec> apps,
        Map<String, Long> pools,
        Set<String> externals,
        List<Path> files) {

    /** The same with other apps. */
    public Spec with(Map<String, AppSpec> others) {
        return new Spec(server, others, pools, externals, files);
    }
}
