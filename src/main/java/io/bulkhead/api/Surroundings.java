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

    /**
     * Who holds how many connections to which external, and whether what is planned fits. Asks the servers that have a url, which takes some seconds
     * at most.
     *
     * @return connections: list of service, app, instance, pid, user (of the database where it tells, else of the system), state, count, idle_seconds (the
     *     longest), leaked, reason, process, from (where the client is elsewhere), run, generation ({@code current|old}); budget: list of service,
     *     limit, used, planned, reserved, others, enough, sum; services: list of name, address, view ({@code server|kernel}), title, message, notes
     */
    Map<String, @Nullable Object> connections();

    /**
     * With which variables an app runs, and would run after a restart or an apply. No value that may be a secret, only fingerprints, which can be compared
     * within one answer.
     *
     * @return app, file, env_files, problems (sentences), configured (object of masked values), differences (count), instances: list of index,
     *     pid, started, problem, variables: list of name, state ({@code same|changed|missing|extra}), source, process, configured, file (fingerprints), fix
     */
    Map<String, @Nullable Object> env(String app) throws ApiException;

    /**
     * Node and PHP processes that this daemon does not manage.
     *
     * @return for each: pid, kind ({@code node|php|php-fpm}), process, command, user, folder, since, memory_bytes, children, ports, manager
     *     ({@code pm2|supervisord|systemd|bulkhead|container|none}), unit, duplicate_of, stop: the command that stops it there
     */
    List<Map<String, @Nullable Object>> processes();
}
