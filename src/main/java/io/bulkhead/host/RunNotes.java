package io.bulkhead.host;

import io.bulkhead.core.Refusal;
import java.io.IOException;

/** Notes on the disk which run a compartment holds, for a later daemon. Runs on the worker. */
final class RunNotes {

    private final DaemonLog log;

    RunNotes(DaemonLog log) {
        this.log = log;
    }

    /** Notes what is about to run in it, so that a later daemon can take it over. */
    void record(Compartment compartment, LiveRun run) throws LaunchRefused {
        try {
            note(compartment, run, 0);
        } catch (IOException failed) {
            throw new LaunchRefused(new Refusal("compartment", "cannot note the run: " + failed.getMessage(), ""));
        }
    }

    /** Notes a run that has begun already. */
    void recordBegun(Compartment compartment, LiveRun run) {
        try {
            note(compartment, run, run.pid);
        } catch (IOException failed) {
            log.warn(run.instance + ": cannot note its run: " + failed.getMessage());
        }
    }

    private static void note(Compartment compartment, LiveRun run, int pid) throws IOException {
        compartment.cgroup.begin(run.id);
        if (!compartment.recorded.equals(run.app.source())) {
            RunRecord.writeCompartment(compartment, run.app);
            compartment.recorded = run.app.source();
        }
        RunRecord.writeRun(compartment.folder, run.id, pid, compartment.killsBefore, run.restarts);
    }

    void recordPid(LiveRun run, int pid) {
        run.compartment.ifPresent(compartment -> {
            try {
                RunRecord.writeRun(compartment.folder, run.id, pid, compartment.killsBefore, run.restarts);
            } catch (IOException failed) {
                log.warn(run.instance + ": cannot note its process: " + failed.getMessage());
            }
        });
    }
}
