package io.bulkhead.host;

import io.bulkhead.spec.AppSpec;
import io.bulkhead.spec.Finding;
import io.bulkhead.spec.Finding.Severity;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Limits below what a program of a known kind needs. Measured with Node 20 in a control group. */
final class Needs {

    private static final long MIB = 1L << 20;
    private static final long NODE = 64 * MIB;
    private static final Set<String> NODES =
            Set.of("node", "nodejs", "npm", "npx", "yarn", "pnpm", "tsx", "ts-node", "nest");

    private Needs() {}

    /** A warning about a limit that its program can hardly start under. */
    static Optional<Finding> tooLittle(AppSpec app) {
        String program = app.command().argv().getFirst();
        boolean node = NODES.contains(program.substring(program.lastIndexOf('/') + 1));
        long limit = app.limits().memory().orElse(Long.MAX_VALUE);
        return node && limit < NODE
                ? Optional.of(new Finding(
                        app.name(),
                        "memory-limit",
                        Severity.WARNING,
                        "memory " + limit / MIB
                                + "M is very little for Node: an empty http server takes 9M of it, and V8's"
                                + " young generation may grow to 48M",
                        List.of(),
                        "write memory: 64M or more, 128M for a program with packages"))
                : Optional.empty();
    }
}
