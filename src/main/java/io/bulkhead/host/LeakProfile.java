package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.linux.Proc;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Asks a Node process that is about to be drained which functions allocated what it still holds, so that the incident names them. Without
 * an answer in time the drain goes on as ever.
 */
final class LeakProfile implements BeforeDrain {

    private static final long PATIENCE_MILLIS = 2_000;
    private static final int MOST_FUNCTIONS = 5;

    /** What a function holds is worth naming from this share of all that is alive. */
    private static final double WORTH_NAMING = 0.03;

    private static final long MIB = 1 << 20;

    private final Loop loop;
    private final NodeProcesses processes;
    private final Chronicle chronicle;

    LeakProfile(Loop loop, NodeProcesses processes, Chronicle chronicle) {
        this.loop = loop;
        this.processes = processes;
        this.chronicle = chronicle;
    }

    @Override
    public void prepare(LiveRun run, Runnable then) {
        Optional<Integer> largest = run.app.node().leakProfile() ? largest(processes.of(run)) : Optional.empty();
        if (largest.isEmpty()) {
            then.run();
            return;
        }
        int pid = largest.get();
        Thread.ofVirtual().name("leak-profile").start(() -> {
            Optional<Doc> answer = RunSocket.ask(processes.folder(run.instance), pid, "leak-profile", PATIENCE_MILLIS);
            loop.post(() -> {
                tell(run, pid, answer);
                then.run();
            });
        });
    }

    /** The one that uses most memory: an app may have more than one Node process. */
    private static Optional<Integer> largest(List<Integer> pids) {
        Optional<Integer> largest = Optional.empty();
        long most = -1;
        for (int pid : pids) {
            long bytes = Proc.HOST.unreclaimable(pid).orElse(0);
            if (bytes > most) {
                most = bytes;
                largest = Optional.of(pid);
            }
        }
        return largest;
    }

    private void tell(LiveRun run, int pid, Optional<Doc> answer) {
        List<String> lines = answer.map(LeakProfile::lines)
                .orElse(List.of("no heap profile: process " + pid + " did not answer in time"));
        chronicle.addEvidence(run.id, lines);
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("pid", pid);
        fields.put("profile", lines);
        chronicle.tell("memory.profile", run.instance, run.id, fields);
    }

    /** One line for each function, the largest first, and what lies outside of V8's heap where that is more. */
    static List<String> lines(Doc answer) {
        List<String> lines = new ArrayList<>();
        long alive = Math.max(0, answer.number("alive", 0));
        for (Doc function : answer.docs("functions")) {
            long bytes = function.number("bytes", 0);
            if (lines.size() < MOST_FUNCTIONS && bytes >= alive * WORTH_NAMING && bytes > 0) {
                lines.add(clean(function.text("name")) + ", " + clean(function.text("file")) + ":"
                        + function.number("line", 0) + ": " + mebibytes(bytes) + " of " + mebibytes(alive)
                        + " still alive");
            }
        }
        long buffers = answer.number("array_buffers", 0);
        if (buffers > alive) {
            lines.add("Buffers outside of V8's heap: " + mebibytes(buffers)
                    + "; a heap profile does not see who allocated them");
        }
        if (answer.flag("truncated")) {
            lines.add("the profile was larger than its cap: this is a part of it");
        }
        return lines.isEmpty()
                ? List.of("the heap profile names no function: nothing large is held by the app's own code")
                : lines;
    }

    /** From a process that may say anything. */
    private static String clean(String text) {
        StringBuilder clean = new StringBuilder();
        for (int i = 0; i < Math.min(text.length(), 300); i++) {
            char c = text.charAt(i);
            clean.append(Character.isISOControl(c) ? '?' : c);
        }
        return clean.toString();
    }

    private static String mebibytes(long bytes) {
        return bytes >= MIB ? bytes / MIB + " MiB" : bytes / 1024 + " KiB";
    }
}
