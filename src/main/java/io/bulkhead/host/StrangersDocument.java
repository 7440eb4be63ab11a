package io.bulkhead.host;

import io.bulkhead.guard.Manager;
import io.bulkhead.linux.Listener;
import io.bulkhead.linux.Listeners;
import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The document of {@code processes --json}: Node and PHP that this daemon does not manage, and who does. */
final class StrangersDocument {

    private final Belonging belonging;
    private final Map<Integer, ProcessFacts> candidates = new LinkedHashMap<>();
    private final Map<Integer, Integer> children = new HashMap<>();
    private final Map<Integer, Set<String>> ports = new HashMap<>();

    /** Looks at every process. */
    StrangersDocument(Belonging belonging) {
        this.belonging = belonging;
        for (int pid : Proc.HOST.pids()) {
            ProcessFacts.of(pid)
                    .filter(process -> !kind(process).isEmpty())
                    .filter(process -> belonging.app(process.pid()).isEmpty())
                    .ifPresent(process -> candidates.put(pid, process));
        }
        for (Listener listener : candidates.isEmpty() ? List.<Listener>of() : Listeners.all()) {
            for (ProcessFacts holder : listener.holders()) {
                ports.computeIfAbsent(holder.pid(), pid -> new LinkedHashSet<>())
                        .add(listener.place());
            }
        }
    }

    List<Map<String, @Nullable Object>> rows() {
        List<ProcessFacts> roots = new ArrayList<>();
        for (ProcessFacts process : candidates.values()) {
            ProcessFacts root = root(process);
            if (root == process) {
                roots.add(process);
            } else {
                children.merge(root.pid(), 1, Integer::sum);
                ports.computeIfAbsent(root.pid(), pid -> new LinkedHashSet<>())
                        .addAll(ports.getOrDefault(process.pid(), Set.of()));
            }
        }
        Map<String, String> managed = managed();
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        for (ProcessFacts process : roots) {
            rows.add(row(process, managed));
        }
        return rows;
    }

    /** {@code node}, {@code php}, {@code php-fpm}, or empty for what is neither. */
    private static String kind(ProcessFacts process) {
        String program = process.program();
        if (program.equals("node") || program.equals("nodejs")) {
            // The one that manages is named with what it manages.
            return isPm2(process) ? "" : "node";
        }
        if (program.startsWith("php-fpm")) {
            return "php-fpm";
        }
        return program.equals("php")
                        || program.startsWith("php") && Character.isDigit(program.charAt(program.length() - 1))
                ? "php"
                : "";
    }

    private static boolean isPm2(ProcessFacts process) {
        return !process.command().isEmpty() && process.command().getFirst().startsWith("PM2 v");
    }

    /** Its eldest ancestor of the same kind without a break: the cluster's primary, the pool's master. */
    private ProcessFacts root(ProcessFacts process) {
        ProcessFacts root = process;
        ProcessFacts above = candidates.get(root.parent());
        while (above != null && kind(above).equals(kind(process))) {
            root = above;
            above = candidates.get(root.parent());
        }
        return root;
    }

    /** What our own programs are: folder and command line, to find second copies of them. */
    private Map<String, String> managed() {
        Map<String, String> managed = new HashMap<>();
        belonging.programs().forEach((pid, app) -> copyOf(pid).ifPresent(copy -> managed.put(copy, app)));
        return managed;
    }

    private static Optional<String> copyOf(int pid) {
        List<String> command = Proc.HOST.commandLine(pid);
        return command.size() < 2
                ? Optional.empty()
                : Proc.HOST
                        .workingFolder(pid)
                        .map(folder -> folder + "\0" + String.join("\0", command.subList(1, command.size())));
    }

    private Map<String, @Nullable Object> row(ProcessFacts process, Map<String, String> managed) {
        Manager manager = Manager.of(process);
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("pid", process.pid());
        row.put("kind", kind(process));
        row.put("process", process.program());
        row.put("command", CommandText.of(process.command()));
        row.put("user", process.user());
        row.put(
                "folder",
                Proc.HOST.workingFolder(process.pid()).map(Object::toString).orElse(null));
        row.put("since", process.started().toString());
        var memory = Proc.HOST.rss(process.pid());
        row.put("memory_bytes", memory.isPresent() ? memory.getAsLong() : null);
        row.put("children", children.getOrDefault(process.pid(), 0));
        row.put("ports", List.copyOf(ports.getOrDefault(process.pid(), Set.of())));
        row.put("manager", manager.word());
        row.put("unit", process.unit().orElse(null));
        row.put("pools", FpmPools.of(process));
        row.put("duplicate_of", copyOf(process.pid()).map(managed::get).orElse(null));
        row.put("stop", manager.stop());
        return row;
    }
}
