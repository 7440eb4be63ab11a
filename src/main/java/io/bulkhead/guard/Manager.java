package io.bulkhead.guard;

import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import java.util.Map;
import java.util.Optional;

/**
 * Who else keeps a process running, by its ancestors, its environment and its unit.
 *
 * @param word {@code pm2|supervisord|systemd|bulkhead|container|none}
 * @param stop the command that stops it there
 */
public record Manager(String word, String stop) {

    private static final int MOST_ANCESTORS = 64;

    public static Manager of(ProcessFacts process) {
        Map<String, String> environment = Proc.HOST.environment(process.pid()).orElse(Map.of());
        int pid = process.parent();
        for (int i = 0; pid > 1 && i < MOST_ANCESTORS; i++) {
            Optional<ProcessFacts> above = ProcessFacts.of(pid);
            if (above.isEmpty()) {
                break;
            }
            String first =
                    above.get().command().isEmpty() ? "" : above.get().command().getFirst();
            if (first.startsWith("PM2 v")) {
                // The name, and not the number: PM2 gives numbers anew.
                return new Manager(
                        "pm2",
                        "pm2 delete " + environment.getOrDefault("name", environment.getOrDefault("pm_id", "all")));
            }
            if (above.get().command().stream().limit(2).anyMatch(word -> word.endsWith("supervisord"))) {
                String name = environment.getOrDefault("SUPERVISOR_PROCESS_NAME", "NAME");
                String group = environment.getOrDefault("SUPERVISOR_GROUP_NAME", name);
                return new Manager(
                        "supervisord", "supervisorctl stop " + (group.equals(name) ? name : group + ":" + name));
            }
            pid = above.get().parent();
        }
        if (environment.containsKey("BULKHEAD_APP")) {
            String socket = environment.getOrDefault("BULKHEAD_SOCKET", "");
            return new Manager(
                    "bulkhead",
                    "bulkhead stop " + environment.get("BULKHEAD_APP") + " (of the daemon at " + socket
                            + "); if that one is gone: kill " + process.pid());
        }
        if (inContainer(process.cgroup())) {
            return new Manager("container", "stop its container: docker ps, or podman ps");
        }
        return process.unit()
                .filter(unit -> unit.endsWith(".service") && !unit.startsWith("user@"))
                .map(unit -> new Manager("systemd", "systemctl disable --now " + unit))
                .orElseGet(() -> new Manager("none", "kill " + process.pid()));
    }

    private static boolean inContainer(String cgroup) {
        return cgroup.contains("/docker")
                || cgroup.contains("libpod")
                || cgroup.contains("kubepods")
                || cgroup.contains("/lxc");
    }
}
