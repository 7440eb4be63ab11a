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

    /** What is Node, or mostly ends up as it: what a shell's or a package manager's command does is not looked into. */
    private static final Set<String> NODE =
            Set.of("node", "nodejs", "npm", "npx", "pnpm", "yarn", "tsx", "ts-node", "sh", "bash", "env");

    private static final Set<String> SCRIPTS = Set.of(".js", ".mjs", ".cjs", ".ts");

    /** They get the socket that the old instance serves too (host.Handing). */
    private static final Set<String> HANDED = Set.of("gunicorn", "puma", "uwsgi");

    @Override
    public String name() {
        return "unguarded-health";
    }

    @Override
    public List<Finding> look(Subject subject) {
        Optional<HealthCheck> health = subject.app().health();
        if (subject.app().listen().isEmpty()
                || health.isEmpty()
                || subject.app().tunnel().isPresent()
                || health.get().probe() instanceof Probe.Exec
                || isNode(subject)) {
            return List.of();
        }
        String program = String.valueOf(subject.program().getFileName());
        boolean handed = program.startsWith("php-fpm")
                || HANDED.contains(program)
                || subject.app().listen().stream().anyMatch(listen -> listen.handover() == Listen.Handover.ALWAYS);
        return List.of(subject.note(
                this,
                handed
                        ? "its healthcheck goes through the socket that the old and the new instance share: a bad release can meet users before it is found out"
                        : "it serves users from the moment it listens, and its healthcheck can only ask after that: a bad release can meet users before it is found out",
                "ready: notify lets the program say itself when it is well; a healthcheck of the form {exec: [..]} can ask the new instance alone",
                "only Node is asked on a socket of its own before it is admitted; the program is "
                        + subject.program()));
    }

    private static boolean isNode(Subject subject) {
        String program = String.valueOf(subject.program().getFileName());
        return NODE.contains(program) || SCRIPTS.stream().anyMatch(program::endsWith);
    }
}
