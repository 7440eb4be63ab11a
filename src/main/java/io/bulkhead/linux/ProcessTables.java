package io.bulkhead.linux;

import java.util.Optional;

/** Reads {@link ProcessTable}s, and shares a recent one between the compartments that are sampled in one round. */
final class ProcessTables {

    private static final long RECENT_NANOS = 500_000_000;

    private final Proc proc;
    private final int daemonSession;
    private Optional<ProcessTable> last = Optional.empty();
    private long lastAt;

    ProcessTables(Proc proc) {
        this.proc = proc;
        this.daemonSession = proc.stat((int) ProcessHandle.current().pid())
                .map(ProcessStat::session)
                .orElse(0);
    }

    Proc proc() {
        return proc;
    }

    /** As it is now. Before something is signalled. */
    ProcessTable now() {
        ProcessTable table = ProcessTable.read(proc, daemonSession);
        last = Optional.of(table);
        lastAt = System.nanoTime();
        return table;
    }

    /** Not older than half a second. */
    ProcessTable recent() {
        return last.isPresent() && System.nanoTime() - lastAt < RECENT_NANOS ? last.get() : now();
    }
}
