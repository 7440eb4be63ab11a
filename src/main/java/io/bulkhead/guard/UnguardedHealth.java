package io.bulkhead.guard;

import io.bulkhead.spec.Finding;
import io.bulkhead.spec.HealthCheck;
import io.bulkhead.spec.Listen;
import io.bulkhead.spec.Probe;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Where a bad release can meet users before its check fails: only Node (through the preload) gets a private socket on which it is asked before it is admitted. Others are asked
 * through the shared one, where the old instance may answer in the place of the new one.
 */
final class UnguardedHealth implements Check {

    /** What may end up as Node; a shell's or package manager's command is not looked into. */
    private static final Set<String> NODE = Set.of("node", "nodejs", "npm", "npx", "pnpm", "yarn", "tsx", "ts-node", "sh", "bash", "env");

    private static final String PRELOAD = "--require";

    @Override
    public String name() {
        return "unguarded-health";
    }

    @Override
    public List<Finding> look(Subject subject) {
        Optional<HealthCheck> health = subject.app().health();
        if (subject.app().listen().isEmpty() || health.isEmpty() || isNode(subject)) {
            return List.of();
        }
        boolean shared = subject.app().listen().stream().anyMatch(listen -> listen.handover() != Listen.Handover.NEVER);
        if (!shared || health.get().probe() instanceof Probe.Exec) {
            return List.of();
        }
        return List.of(subject.note(
                this,
                "its healthcheck goes through the socket that old and new instances share: a bad release can meet users before it is found out",
                "ready: notify lets the program say itself when it is well; a healthcheck: {exec: [..]} can ask the new process alone",
                "a program with Node and our preload is asked on a socket of its own; " + subject.program() + " is not one"));
    }

    private static boolean isNode(Subject subject) {
        return NODE.contains(String.valueOf(subject.program().getFileName()))
                || subject.environment().getOrDefault("NODE_OPTIONS", "").contains(PRELOAD);
    }
}
