package io.bulkhead.host;

import io.bulkhead.core.Effect;
import io.bulkhead.core.Event;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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

    private static final int LOOKS = 8;
    private static final long LOOK_MILLIS = 50;
    private static final long ANSWER_MILLIS = 1_000;
    private static final int MOST_PROCESSES = 8;
    private static final int TICKS_PER_SECOND = 100;

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
        Map<Integer, Integer> running = new HashMap<>();
        long began = System.nanoTime();
        for (int look = 0; look < LOOKS; look++) {
            for (int pid : processes) {
                Optional<ProcessStat> stat = Proc.HOST.stat(pid);
                before.putIfAbsent(pid, stat.map(ProcessStat::cpuTicks).orElse(0L));
                if (stat.filter(one -> one.state() == 'R').isPresent()) {
                    running.merge(pid, 1, Integer::sum);
                }
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
        }
        double seconds = (System.nanoTime() - began) / 1e9;
        List<String> lines = new ArrayList<>();
        List<Integer> hung = new ArrayList<>();
        for (int pid : processes) {
            Optional<ProcessStat> stat = Proc.HOST.stat(pid);
            if (stat.isEmpty() || stat.get().zombie()) {
                continue;
            }
            double cpu = (stat.get().cpuTicks() - before.get(pid)) / (double) TICKS_PER_SECOND / seconds;
            // Not by its share of a CPU: on a busy host it may get little of what it wants.
            boolean busy = running.getOrDefault(pid, 0) > LOOKS / 2;
            boolean node = nodes.contains(pid);
            boolean answers =
                    node && RunSocket.ask(folder, pid, "state", ANSWER_MILLIS).isPresent();
            if (node && !answers && busy) {
                hung.add(pid);
            }
            lines.add("process " + pid + " (" + stat.get().name() + ") " + doing(stat.get(), busy, cpu)
                    + (node ? loopWords(answers, busy) : ""));
        }
        return new Seen(lines, hung);
    }

    private static String doing(ProcessStat stat, boolean busy, double cpu) {
        if (stat.state() == 'T' || stat.state() == 't') {
            return "was stopped by a signal or a debugger (state " + stat.state() + ")";
        }
        if (busy) {
            return "is busy without a pause, with " + Math.round(cpu * 100) + "% of a CPU";
        }
        String place = Proc.HOST.waitsIn(stat.pid()).map(name -> " in " + name).orElse("");
        return stat.state() == 'D' ? "waits for a disk or the like" + place + " (state D)" : "waits" + place;
    }

    private static String loopWords(boolean answers, boolean busy) {
        if (answers) {
            return "; its event loop answers, so it is the app that says no or says nothing";
        }
        return busy
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
