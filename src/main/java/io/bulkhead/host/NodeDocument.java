package io.bulkhead.host;

import io.bulkhead.api.Doc;
import io.bulkhead.core.AppView;
import io.bulkhead.core.InstanceView;
import io.bulkhead.spec.AppSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What {@code show} tells of an app that is Node: what was done, and the heap limit that is really in force. */
final class NodeDocument {

    private static final long PATIENCE_MILLIS = 1_000;
    private static final long MIB = 1 << 20;

    /** A process to be asked. */
    private record Process(InstanceView instance, int pid) {}

    private final AppSpec app;
    private final Optional<NodeSetting> setting;
    private final NodeProcesses processes;
    private final List<Process> ask = new ArrayList<>();

    private NodeDocument(AppSpec app, NodeProcesses processes) {
        this.app = app;
        this.setting = processes.setting(app.name());
        this.processes = processes;
    }

    /** On the loop: whom to ask. */
    static NodeDocument of(AppView view, Runs runs, NodeProcesses processes) {
        NodeDocument document = new NodeDocument(view.spec(), processes);
        for (InstanceView instance : view.instances()) {
            instance.run().flatMap(runs::find).ifPresent(run -> {
                for (int pid : processes.of(run)) {
                    document.ask.add(new Process(instance, pid));
                }
            });
        }
        return document;
    }

    /** Adds it to {@code show}'s document. Waits for the processes: not on the loop. */
    void addTo(Map<String, @Nullable Object> show) {
        if (setting.isEmpty() && ask.isEmpty()) {
            return;
        }
        List<Object> answered = new ArrayList<>();
        long limit = 0;
        for (Process process : ask) {
            Optional<Doc> heap =
                    RunSocket.ask(processes.folder(process.instance.id()), process.pid, "heap", PATIENCE_MILLIS);
            if (heap.isPresent()) {
                Map<String, @Nullable Object> one = new LinkedHashMap<>();
                one.put("instance", process.instance.id().index());
                one.put("pid", process.pid);
                one.put("heap_limit_bytes", heap.get().number("heap_size_limit", 0));
                one.put("heap_used_bytes", heap.get().number("heap_used", 0));
                answered.add(one);
                limit = Math.max(limit, heap.get().number("heap_size_limit", 0));
            }
        }
        Map<String, @Nullable Object> node = new LinkedHashMap<>();
        node.put("runs", setting.map(NodeSetting::runs).orElse(null));
        node.put("processes", answered);
        node.put("notes", setting.map(NodeSetting::notes).orElse(List.of()));
        show.put("node", node);
        show.put(
                "heap_limit_bytes",
                limit > 0 ? (Object) limit : setting.flatMap(this::planned).orElse(null));
        show.put("heap_limit_from", from(limit));
    }

    private Optional<Object> planned(NodeSetting setting) {
        return setting.ownHeap().isPresent() ? Optional.empty() : setting.heap().map(heap -> heap.limitBytes());
    }

    /** In words: who decided. */
    private String from(long limit) {
        Optional<NodeHeap> planned = setting.flatMap(NodeSetting::heap);
        Optional<String> own = setting.flatMap(NodeSetting::ownHeap);
        if (limit == 0) {
            return own.isPresent()
                    ? "the app's own NODE_OPTIONS: " + own.get() + "; no process says it"
                    : planned.isPresent() ? "node.heap; no process says it" : "unknown: no process says it";
        }
        if (own.isPresent()) {
            return "the app's own NODE_OPTIONS: " + own.get();
        }
        if (planned.isEmpty()) {
            return app.node().heap() && setting.isEmpty()
                    ? "the process itself"
                    : "Node's default, or the app's command line";
        }
        return Math.abs(limit - planned.get().limitBytes()) <= planned.get().youngBytes()
                ? "node.heap"
                : "the app's command line or package script, over node.heap ("
                        + planned.get().oldMebibytes() + " MiB)";
    }
}
