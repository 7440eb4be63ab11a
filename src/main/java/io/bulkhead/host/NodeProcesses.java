package io.bulkhead.host;

import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.Proc;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The Node processes of a run that can be asked. On the loop. */
final class NodeProcesses {

    private static final int MOST = 16;

    private final Compartments compartments;
    private final NodeLaunch node;

    NodeProcesses(Compartments compartments, NodeLaunch node) {
        this.compartments = compartments;
        this.node = node;
    }

    /** Where they serve their sockets. */
    Path folder(InstanceId instance) {
        return node.sockets(instance);
    }

    /** What was done for the app at its last start. */
    Optional<NodeSetting> setting(String app) {
        return node.setting(app);
    }

    /** Whether Node was started in it with our preload: then one of its processes serves a socket sooner or later. */
    boolean mayServe(LiveRun run) {
        return Proc.HOST.environment(run.pid, NodeLaunch.SOCKETS).isPresent();
    }

    /** At most 16 process ids. */
    List<Integer> of(LiveRun run) {
        List<Integer> found = new ArrayList<>();
        if (run.phase != LiveRun.Phase.ALIVE) {
            return found;
        }
        Path folder = folder(run.instance);
        for (int pid : compartments.members(run)) {
            if (found.size() < MOST && Files.exists(folder.resolve(Integer.toString(pid)))) {
                found.add(pid);
            }
        }
        return found;
    }
}
