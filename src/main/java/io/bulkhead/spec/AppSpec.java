package io.bulkhead.spec;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * One app as the user wrote it, defaults filled in. Two equal records mean that nothing changed.
 *
 * @param name letters, digits, {@code . _ -}, beginning with a letter or digit, 1 to 64 characters, not "all"
 * @param command what to run
 * @param workingDir absolute
 * @param user system user; empty means the daemon's own
 * @param group system group; empty means the user's primary group
 * @param umask 0 to 0777
 * @param instances 0 to 1000; "max" is already resolved to the number of CPUs
 * @param listen addresses that it serves, no two of them one; at most four that are handed over
 * @param memoryWatch there exactly where {@code limits.memory} is
 * @param envFiles absolute, read at every start; later ones win, {@code environment} wins over all
 * @param environment set for the program
 * @param requiredEnvironment names that must be set and not empty when it starts
 * @param masked names whose values are never shown
 * @param dependsOn apps and externals that must be ready first
 * @param health how it is asked whether it is well; empty: not at all
 * @param priority higher is more important: started first within one dependency level
 * @param maxAge age at which a run is replaced, jittered by up to 10 %
 * @param hooks commands run when something happens to it
 * @param node what is done for it where it is Node
 * @param connections how many it may hold to which external, all instances together
 * @param checks what must hold before a person starts it
 * @param release how a new specification or new code comes into force
 * @param tunnel what it forwards, where this app is a tunnel
 * @param source this app as one JSON document with every default and path resolved; the spec reader restores it
 */
public record AppSpec(
        String name,
        Command command,
        Path workingDir,
        Optional<String> user,
        Optional<String> group,
        int umask,
        int instances,
        List<Listen> listen,
        Limits limits,
        Optional<MemoryWatch> memoryWatch,
        List<Path> envFiles,
        Map<String, String> environment,
        Set<String> requiredEnvironment,
        Set<String> masked,
        List<String> dependsOn,
        Optional<HealthCheck> health,
        Ready ready,
        Restart restart,
        Stop stop,
        Replace replace,
        boolean autostart,
        int priority,
        Optional<Schedule> schedule,
        Optional<Duration> maxAge,
        Hooks hooks,
        NodeJs node,
        Map<String, Integer> connections,
        LogSpec log,
        Checks checks,
        Release release,
        Optional<TunnelSpec> tunnel,
        String source) {

    /** The same with another number of instances, 0 to 1000. */
    public AppSpec withInstances(int count) {
        return AppSource.in(this, count);
    }

    /**
     * @param argv program and arguments, never empty
     * @param shell whether {@code argv} is {@code /bin/sh -c TEXT}, made from {@code {shell: TEXT}}
     */
    public record Command(List<String> argv, boolean shell) {}

    /**
     * @param memory bytes for the process tree of one instance; empty: no limit
     * @param memorySwap bytes of swap the tree may use besides; 0 where {@code memory} is set and nothing is said
     * @param memoryMin bytes the kernel protects for it when others want memory; 0: none
     * @param pool name of the compartment it shares with other apps, besides its own
     * @param oomKillsAll whether the whole tree ends when the kernel kills one process of it ({@code oom_kill: group})
     * @param cpu CPUs' worth of time
     * @param pids processes and threads
     * @param nofile open files (RLIMIT_NOFILE)
     * @param oomPriority /proc/PID/oom_score_adj, 0 to 1000
     */
    public record Limits(
            Optional<Long> memory,
            long memorySwap,
            long memoryMin,
            Optional<String> pool,
            boolean oomKillsAll,
            Optional<Double> cpu,
            OptionalInt pids,
            OptionalInt nofile,
            OptionalInt oomPriority) {}

    /**
     * How a memory limit is watched, so that it is not reached.
     *
     * @param drainAt bytes that cannot be dropped at which a run is replaced gracefully, up to the limit; empty: never
     * @param buffer wanted headroom above the highest use, in percent of that, 0 to 100
     */
    public record MemoryWatch(Optional<Long> drainAt, double buffer) {}

    /**
     * @param policy whether an exit is answered by a new start
     * @param successCodes exit codes that are no failure
     * @param backoff how fast
     */
    public record Restart(Policy policy, Set<Integer> successCodes, Backoff backoff) {
        public enum Policy {
            ALWAYS,
            ON_FAILURE,
            NEVER
        }
    }

    /**
     * @param first pause before the second restart in a row
     * @param max longest pause between two restarts
     * @param resetAfter time without a crash after which the next one counts as the first
     * @param maxAttempts restarts in a row after which it stays down; 0: never
     */
    public record Backoff(Duration first, Duration max, Duration resetAfter, int maxAttempts) {}

    /**
     * @param signal number of the signal that asks it to end
     * @param toTree whether every process of the tree gets it, instead of the program below npm, npx and sh wrappers
     * @param grace time until everything left is killed
     */
    public record Stop(int signal, boolean toTree, Duration grace) {}

    /** Whether a replacement starts beside the old run or after it has ended. */
    public enum Replace {
        START_FIRST,
        STOP_FIRST
    }

    /**
     * @param commands by what they wait for
     * @param timeout until one is killed
     */
    public record Hooks(Map<Hook, Command> commands, Duration timeout) {

        /** The moments at which a command may run. */
        public enum Hook {
            /** Once per start, reload, apply or deploy of the app. */
            BEFORE_ROLLOUT,
            /** Before each process. */
            PRE_START,
            /** When a process is ready. */
            POST_START,
            /** Before each stop. */
            PRE_STOP,
            /** When a process that was asked to stop has ended. */
            POST_STOP,
            /** When any replacement is ready. */
            POST_RESTART,
            /** After a kill at the memory limit. */
            ON_OOM,
            /** When the drain mark is reached, before the stop. */
            ON_DRAIN;

            /** As the key is written: {@code on_oom}. */
            public String word() {
                return name().toLowerCase(Locale.ROOT);
            }
        }
    }

    /**
     * What is done for a program that is Node, without a change of its code.
     *
     * @param heap whether V8's sizes follow from {@code memory}
     * @param drain whether http servers and BullMQ workers end gracefully on SIGTERM
     * @param leakProfile whether a sampling heap profile is taken before a drain
     */
    public record NodeJs(boolean heap, boolean drain, boolean leakProfile) {

        public static final NodeJs OFF = new NodeJs(false, false, false);
    }

    /**
     * What must hold before it is started, reloaded or applied, besides what is always looked at.
     *
     * @param node range of versions of Node
     * @param files absolute; must exist, and be JSON or YAML where they are called so
     * @param writable absolute; folders and files
     * @param diskFree bytes free where it runs and writes
     * @param lockfile whether what is installed must match the lock file; empty: nothing is said
     * @param modules whether every dependency must be installed; empty: nothing is said
     * @param freeMemory bytes available on the host
     */
    public record Checks(
            Optional<String> node,
            List<Path> files,
            List<Path> writable,
            Optional<Long> diskFree,
            Optional<Boolean> lockfile,
            Optional<Boolean> modules,
            Optional<Long> freeMemory) {

        public static final Checks NONE = new Checks(
                Optional.empty(),
                List.of(),
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /**
     * @param watch how long new runs are watched after a reload or apply; zero: not
     * @param rollback whether it goes back to the former specification when they fail meanwhile
     */
    public record Release(Duration watch, boolean rollback) {}

    /** Times of day at which something is done. */
    public sealed interface Schedule {

        Cron cron();

        /** Restarts a running app. */
        record RestartAt(Cron cron) implements Schedule {}

        /** Starts a one-shot; {@code queue}: once more after the present run, where it still runs, instead of skipping. */
        record StartAt(Cron cron, boolean queue) implements Schedule {}
    }
}
