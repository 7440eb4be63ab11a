package io.bulkhead.linux;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All processes at one moment, to find out which belong together where no cgroup tells. */
final class ProcessTable {

    static final String MARK = "BULKHEAD_RUN";

    private final Map<Integer, ProcessStat> processes;
    private final Map<Integer, String> runs;
    private final int daemonSession;

    private ProcessTable(Map<Integer, ProcessStat> processes, Map<Integer, String> runs, int daemonSession) {
        this.processes = processes;
        this.runs = runs;
        this.daemonSession = daemonSession;
    }

    /** @param daemonSession this daemon's own session, which makes nobody a member */
    static ProcessTable read(Proc proc, int daemonSession) {
        Map<Integer, ProcessStat> processes = new HashMap<>();
        Map<Integer, String> runs = new HashMap<>();
        for (int pid : proc.pids()) {
            Optional<ProcessStat> stat = proc.stat(pid);
            if (stat.isPresent()) {
                processes.put(pid, stat.get());
                proc.environment(pid, MARK).ifPresent(run -> runs.put(pid, run));
            }
        }
        return new ProcessTable(processes, runs, daemonSession);
    }

    /**
     * The processes of one compartment: the keeper, its descendants, whoever carries the mark of one of its runs, whoever is in a session of
     * one of these, and so on until nobody is added. One that leaves its session, loses its parents and
     * clears its environment is lost: only a cgroup keeps that one.
     */
    List<Integer> belonging(int keeper, Set<String> ownRuns) {
        Set<Integer> members = new HashSet<>();
        Set<Integer> sessions = new HashSet<>();
        boolean grew = true;
        while (grew) {
            grew = false;
            for (ProcessStat process : processes.values()) {
                String run = runs.get(process.pid());
                boolean belongs = process.pid() == keeper
                        || members.contains(process.parent())
                        || (run != null && ownRuns.contains(run))
                        || sessions.contains(process.session());
                if (belongs && members.add(process.pid())) {
                    grew = true;
                    if (process.session() != daemonSession && process.session() != 0) {
                        sessions.add(process.session());
                    }
                }
            }
        }
        // A dead program that its keeper has not buried still shows which session its children live in.
        members.removeIf(pid -> processes.get(pid) instanceof ProcessStat stat && stat.zombie());
        return new ArrayList<>(members);
    }
}
