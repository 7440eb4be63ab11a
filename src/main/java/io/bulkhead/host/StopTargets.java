package io.bulkhead.host;

import io.bulkhead.linux.Proc;
import io.bulkhead.linux.ProcessStat;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Whom a stop signal is for. {@code npm start}, {@code npx} and {@code sh -c} are wrappers: the program is what they run. A shell
 * that has set a trap for the signal is a program of its own.
 */
final class StopTargets {

    private static final int DEEPEST = 8;
    private static final Set<String> SHELLS = Set.of("sh", "dash", "bash", "ash", "busybox", "zsh");
    private static final List<String> NODE_WRAPPERS = List.of(
            "npm-cli.js",
            "npx-cli.js",
            "/npm",
            "/npx",
            "yarn.js",
            "/yarn",
            "pnpm.cjs",
            "/pnpm",
            "npm start",
            "npm run",
            "npm exec");

    private StopTargets() {}

    /** The processes below {@code leader} that are no wrappers; {@code leader} itself where it is none. */
    static List<Integer> of(int leader, int signal, Proc proc) {
        List<Integer> found = new ArrayList<>();
        descend(leader, signal, proc, 0, found);
        return found.isEmpty() ? List.of(leader) : found;
    }

    private static void descend(int pid, int signal, Proc proc, int depth, List<Integer> found) {
        List<Integer> children = depth < DEEPEST && isWrapper(pid, signal, proc) ? proc.children(pid) : List.of();
        if (children.isEmpty()) {
            if (proc.stat(pid).filter(stat -> !stat.zombie()).isPresent()) {
                found.add(pid);
            }
            return;
        }
        for (int child : children) {
            descend(child, signal, proc, depth + 1, found);
        }
    }

    private static boolean isWrapper(int pid, int signal, Proc proc) {
        String name = proc.stat(pid).map(ProcessStat::name).orElse("");
        List<String> commandLine = proc.commandLine(pid);
        if (SHELLS.contains(name)) {
            return commandLine.size() > 1
                    && commandLine.get(1).startsWith("-")
                    && commandLine.get(1).contains("c")
                    && !proc.catches(pid, signal);
        }
        return isPackageManager(commandLine);
    }

    /** Whether it is npm or the like, which ends by itself when the program it runs has ended. */
    static boolean isPackageManager(int pid, Proc proc) {
        return isPackageManager(proc.commandLine(pid));
    }

    private static boolean isPackageManager(List<String> commandLine) {
        for (int i = 0; i < Math.min(2, commandLine.size()); i++) {
            for (String wrapper : NODE_WRAPPERS) {
                if (commandLine.get(i).endsWith(wrapper) || commandLine.get(i).startsWith(wrapper)) {
                    return true;
                }
            }
        }
        return false;
    }
}
