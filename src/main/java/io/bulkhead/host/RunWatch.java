package io.bulkhead.host;

import io.bulkhead.core.Event;
import io.bulkhead.core.InstanceId;
import io.bulkhead.linux.RefusedException;
import io.bulkhead.linux.Users;
import io.bulkhead.spec.Ready;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** Looks after each run from its start to its end: whether it is ready, and whether it is well. On the loop. */
final class RunWatch {

    private final Worker worker;
    private final Compartments compartments;
    private final NodeProcesses nodes;
    private final NotifySockets notify;
    private final DaemonLog log;
    private final Admission admission;
    private final OtherAddress otherAddress;
    private final HealthWatch health;
    private final ReadyWatch ready;

    RunWatch(
            Loop loop,
            Worker worker,
            Compartments compartments,
            NodeProcesses nodes,
            NotifySockets notify,
            Errands errands,
            Chronicle chronicle,
            DaemonLog log,
            Consumer<Event> outcome) {
        this.worker = worker;
        this.compartments = compartments;
        this.nodes = nodes;
        this.notify = notify;
        this.log = log;
        admission = new Admission(loop, nodes);
        otherAddress = new OtherAddress(loop, nodes, chronicle);
        health = new HealthWatch(loop, this::sockets, new ExecProbes(errands), outcome);
        ready = new ReadyWatch(loop, worker, this::sockets, health, log, outcome);
    }

    /** Its program exists. */
    void begun(LiveRun run) {
        otherAddress.begun(run);
        ready.begun(run);
        health.begun(run);
    }

    /** It was found alive. */
    void adopted(LiveRun run) {
        if (run.app.ready() instanceof Ready.Notified) {
            worker.execute(() -> {
                try {
                    notify.open(run.instance, Users.identity(run.app.user(), run.app.group()));
                } catch (IOException refused) {
                    log.warn(run.instance + ": its NOTIFY_SOCKET is deaf: " + refused.getMessage());
                } catch (RefusedException unknownUser) {
                    log.warn(run.instance + ": its NOTIFY_SOCKET is deaf: " + unknownUser.message());
                }
            });
        }
        begun(run);
    }

    /** It may serve its app's sockets from now on. */
    void admit(LiveRun run) {
        admission.admit(run);
    }

    void ended(String run) {
        ready.ended(run);
        health.ended(run);
    }

    /** Its app's specification has changed. */
    void updated(LiveRun run) {
        ready.updated(run);
        health.updated(run);
    }

    /** No run of the instance is left. */
    void released(InstanceId instance) {
        notify.close(instance);
    }

    private RunSockets sockets(LiveRun run) {
        return new RunSockets(
                run.app,
                compartments.members(run),
                nodes.folder(run.instance),
                run.compartment.map(Compartment::addresses).orElse(List.of()));
    }
}
