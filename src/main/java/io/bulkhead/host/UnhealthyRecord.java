package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Writes down why an unhealthy run may hang, before it is asked to stop: what each of its processes does, as the kernel sees it, and whether the event loop of
 * Node still answers. A Node that is busy without an end prints its stack when it is stopped: see {@link RunSignals}.
 */
final class UnhealthyRecord {

    private static final long LOOK_MILLIS = 400;
    private static final long ANSWER_MILLIS = 1_000;
    private static final int MOST_PROCESSES = 8;
    private static final int TICKS_PER_SECOND = 100;

    /** Less than this of a CPU is not what keeps it from answering. */
    private static final double BUSY = 0.5;

    private final Loop loop;
    private final Runs runs;
    private final Compartments compartments;
    private final NodeProcesses nodes;
    private final Chronicle chronicle;
    private final Consumer<Event> outcome;

    UnhealthyRecord(
            Loop loop,
            Runs runs,
            Compartments compartments,
            NodeProcesses nodes,
            Chronicle chronicle,
            Consumer<Event> outcome) {
        this.loop = loop;
        this.runs = runs;
        this.compartments = compartments;
        this.nodes = nodes;
        this.chronicle = chronicle;
        this.outcome = outcome;
    }

    /** What was seen of a run: a line for each process, and the Node processes that do not answer. */
    private record Seen(List<String> lines, List<Integer> hung) {}

    void record(Effect.RecordUnhealthy order) {
        Optional<LiveRun> run = runs.find(order.run()).filter(live -> live.phase == LiveRun.Phase.ALIVE);
        if (run.isEmpty()) {
            outcome.accept(new Event.UnhealthyRecorded(order.run()));
            return;
        }
        List<Integer> members = compartments.members(run.get());
        List<Integer> processes = members.subList(0, Math.min(MOST_PROCESSES, members.size()));
        List<Integer> answering = nodes.of(run.get());
        Path folder = nodes.folder(run.get().instance);
        Thread.ofVirtual().name("unhealthy").start(() -> {
            Seen seen = look(processes, answering, folder);
            loop.post(() -> {
                tell(run.get(), order.words(), seen);
                outcome.accept(new Event.UnhealthyRecorded(order.run()));
            });
        });
    }

    private static Seen look(List<Integer> processes, List<Integer> nodes, Path folder) {
        Map<Integer, Long> before = new LinkedHashMap<>();
        for (int pid : processes) {
            before.put(pid, ticks(pid));
        }
        long began = System.nanoTime();
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        List<String> lines = new ArrayList<>();
        List<Integer> hung = new ArrayList<>();
        for (int pid : processes) {
            Optional<ProcessStat> stat = Proc.HOST.stat(pid);
            if (stat.isEmpty() || stat.get().zombie()) {
                continue;
            }
            double seconds = (System.nanoTime() - began) / 1e9;
            double cpu = (stat.get().cpuTicks() - before.get(pid)) / (double) TICKS_PER_SECOND / seconds;
            boolean node = nodes.contains(pid);
            boolean answers = node && RunSocket.ask(folder, pid, "state", ANSWER_MILLIS).isPresent();
            if (node && !answers && cpu >= BUSY) {
                hung.add(pid);
            }
            lines.add("process " + pid + " (" + stat.get().name() + ") " + doing(stat.get(), cpu)
                    + (node ? loopWords(answers, cpu) : ""));
        }
        return new Seen(lines, hung);
    }

    private static long ticks(int pid) {
        return Proc.HOST.stat(pid).map(ProcessStat::cpuTicks).orElse(0L);
    }

    private static String doing(ProcessStat stat, double cpu) {
        if (stat.state() == 'T' || stat.state() == 't') {
            return "was stopped by a signal or a debugger (state " + stat.state() + ")";
        }
        if (cpu >= BUSY) {
            return "is busy: " + Math.round(cpu * 100) + "% of a CPU";
        }
        String place = Proc.HOST.waitsIn(stat.pid()).map(name -> " in " + name).orElse("");
        return stat.state() == 'D' ? "waits for a disk or the like" + place + " (state D)" : "waits" + place;
    }

    private static String loopWords(boolean answers, double cpu) {
        if (answers) {
            return "; its event loop answers, so it is the app that says no or does not say anything";
        }
        return cpu >= BUSY
                ? "; its event loop does not answer: a loop in its code that does not end"
                : "; its event loop does not answer: something holds it up that is not its own computing";
    }

    private void tell(LiveRun run, String words, Seen seen) {
        run.hung = seen.hung;
        List<String> lines = new ArrayList<>();
        lines.add("check: " + words);
        run.health.ifPresent(health -> lines.add("not well since " + StatusDocument.time(health.sinceMillis())));
        lines.addAll(seen.lines);
        chronicle.addEvidence(run.id, lines);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("check", words);
        fields.put("seen", seen.lines);
        chronicle.tell("health.recorded", run.instance, run.id, fields);
    }
}
