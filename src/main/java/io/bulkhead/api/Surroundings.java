package io.bulkhead.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the daemon sees of the host around its apps. Looked up when asked, on the asker's thread. */
public interface Surroundings {

    /**
     * Who listens where: first what apps and externals need, then all other TCP ports.
     *
     * @return for each listener, or address where one is missing: address, port, family ({@code ipv4|ipv6|unix}), pid, process, user, app, kind
     *     ({@code app|service|tunnel|orphan-tunnel|unknown}), since, reason; besides: needed_by (list of names; empty for the others), external, state
     *     ({@code ok|wrong|missing|note}), unit, command, tunnel
     */
    List<Map<String, @Nullable Object>> ports();
}
